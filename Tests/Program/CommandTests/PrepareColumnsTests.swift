import Foundation
import Images
import TestSupport
import Testing

/// `mmtrain prepare` with columns other than captions, and what `inspect` then shows.
@Suite struct PrepareColumnsTests {
  private func json(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  @Test func aTableWithRoles() throws {
    let place = try TemporaryDirectory(inMemory: true)
    try writePhotos(["a.jpg", "b.jpg", "c.jpg"], in: place("photos"))
    let table = "file,dx,who,note,fold\na.jpg,flu,p1,well,train\nb.jpg,cold,p1,,train\nc.jpg,flu,p2,ill,test\n"
    try Data(table.utf8).write(to: URL(filePath: place("photos/labels.csv")))
    let prepared = try Program.run(
      "prepare", "--images", place("photos"), "--columns",
      "image=file,label:finding=dx,text:report=note,group=who,split=fold", "--output", place("set"), "--fail-on-leaks")
    #expect(prepared.exitCode == 0, "\(prepared.errors)")
    #expect(
      prepared.output.contains("train: 2 photos, 0 captions, 2 classes of label finding, 1 texts report, 2 in groups"))
    #expect(prepared.output.contains("columns: labels.csv, a table with roles, 3 rows"))
    #expect(prepared.output.contains("left out: 1 missing value"))
    let shown = try Program.run("inspect", place("set"), "--verify")
    #expect(shown.exitCode == 0, "\(shown.errors)")
    let words = shown.output.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
    #expect(
      words.contains("train label:finding 2 in 2 images") && words.contains("train text:report 1 in 2 images") == false)
    #expect(words.contains("train text:report 1 in 1 images") && words.contains("test group 1 in 1 images"))
    let document = try json(Program.run("inspect", place("set"), "--json").output)
    let splits = try #require(document["splits"] as? [[String: Any]])
    let columns = try #require(splits[0]["columns"] as? [[String: Any]])
    #expect(columns.compactMap { $0["column"] as? String } == ["image", "label:finding", "text:report", "group"])
    #expect(columns.compactMap { $0["values"] as? Int } == [2, 2, 1, 2])
    let page = try String(contentsOfFile: place("set/report.html"), encoding: .utf8)
    #expect(page.contains("<h3>Columns</h3>") && page.contains("label:finding"))
  }

  @Test func regionFeatures() throws {
    let place = try TemporaryDirectory(inMemory: true)
    try writePhotos(["photos/bare.jpg"], in: place.path)
    for (name, height) in [("COCO_train2014_000000000009", 480), ("COCO_val2014_000000000042", 479)] {
      let picture = Image(width: 640, height: height, pixels: [UInt8](repeating: 0, count: 640 * height * 3))
      try Data(encodeJPEG(picture, quality: 50)).write(to: URL(filePath: place("photos/\(name).jpg")))
    }
    let table =
      "image,caption,split\nCOCO_train2014_000000000009,a,train\nCOCO_val2014_000000000042,b,train\nbare,c,train\n"
    try Data(table.utf8).write(to: URL(filePath: place("photos/captions.csv")))
    let prepared = try Program.run(
      "prepare", "--images", place("photos"), "--regions", goldenDirectory + "/regions/bottom-up.tsv", "--regions",
      goldenDirectory + "/regions/odd.tsv", "--output", place("set"), "--max-bad-fraction", "0")
    #expect(prepared.exitCode == 0, "\(prepared.errors)")
    #expect(prepared.output.contains("train: 3 photos, 3 captions, 6 regions of 2 photos"))
    #expect(prepared.output.contains("columns: bottom-up.tsv, odd.tsv, region features, 3 rows"))
    #expect(prepared.output.contains("note: rows of regions of no photo of the set: 1 (first: 1)"))
    #expect(prepared.output.contains("note: photos without regions: 1 (first: bare.jpg)"))
    let shown = try Program.run("inspect", place("set"), "--verify")
    #expect(shown.exitCode == 0, "\(shown.errors)")
    #expect(shown.output.contains("train  regions  6 in 2 images"))
    let document = try json(Program.run("inspect", place("set"), "--json").output)
    let splits = try #require(document["splits"] as? [[String: Any]])
    let columns = try #require(splits[0]["columns"] as? [[String: Any]])
    #expect(columns.compactMap { $0["column"] as? String } == ["image", "captions", "regions"])
    #expect(columns.compactMap { $0["samples"] as? Int } == [3, 3, 2])
    let page = try String(contentsOfFile: place("set/report.html"), encoding: .utf8)
    #expect(page.contains("<td>regions</td>"))
  }
}
