import Batching
import Foundation
import Preparation
import Reporting
import Testing

/// Boxes with phrases. The photos here have 16×12 pixels.
@Suite struct BoxTests {
  private func source() throws -> TestSource {
    let source = try TestSource()
    try source.addPhotos(named: ["a.jpg", "b.jpg"])
    return source
  }

  @Test func instancesOfCOCO() throws {
    let source = try source()
    try source.write(
      #"""
      {"images": [{"id": 1, "file_name": "a.jpg", "width": 16, "height": 12}, {"id": 2, "file_name": "b.jpg"}],
       "categories": [{"id": 18, "name": "dog", "supercategory": "animal"}, {"id": 17, "name": "cat"}],
       "annotations": [
        {"id": 5, "image_id": 1, "category_id": 18, "bbox": [1, 2.5, 3.25, 4], "iscrowd": 0, "segmentation": [[1, 2]]},
        {"id": 6, "image_id": 2, "category_id": 17, "bbox": [-0.5, 0, 8, 12.5]},
        {"id": 7, "image_id": 2, "category_id": 17, "bbox": [9, 9, 9, 2]},
        {"id": 8, "image_id": 2, "category_id": 99, "bbox": [0, 0, 1, 1]},
        {"id": 9, "image_id": 3, "category_id": 18, "bbox": [0, 0, 1, 1]},
        {"id": 10, "image_id": 2, "category_id": 18, "bbox": [0, 0, 0, 1]},
        {"id": 11, "image_id": 2, "category_id": 18, "bbox": [0, 0, 1]}]}
      """#, to: "instances_val2017.json")
    func change(_ request: inout PreparationRequest) { request.boxes = [source.path("instances_val2017.json")] }
    let (report, samples) = try source.prepared(bad: 1, change)
    #expect(samples["a.jpg"]?.columns.boxes == [PhraseBox(phrase: "dog", x: 1, y: 2.5, width: 3.25, height: 4)])
    #expect(samples["b.jpg"]?.columns.boxes == [PhraseBox(phrase: "cat", x: 0, y: 0, width: 7.5, height: 12)])
    let details = report.problems.map(\.detail)
    #expect(details.count == 5)
    #expect(details[0].contains("its category 99 is not") && details[1].contains("its image 3 is not"))
    #expect(details[2].contains("0.0 wide") && details[3].contains("not four numbers"))
    #expect(details[4] == "its box of “cat”, 9.0×2.0 at 9.0, 9.0, lies outside 16×12 pixels")
    #expect(report.notes.contains("1 boxes reached out of their photos by a pixel at most; it was cut off"))
    #expect(report.alsoLeftOut.isEmpty)
    let error = #expect(throws: PreparationError.self) { try source.prepared(bad: 0.5, change) }
    #expect(error?.description.contains("5 of 7 rows of questions, tables and boxes are unfit") == true)
  }

  /// Photos that were made smaller after the boxes were drawn.
  @Test func boxesOfAnotherSize() throws {
    let source = try source()
    source.add("captions.csv", TestSource.table(["a.jpg", "b.jpg"]))
    try source.write(
      #"""
      {"images": [{"id": 1, "file_name": "a.jpg", "width": 32, "height": 24}, {"id": 2, "file_name": "b.jpg", "width": 16, "height": 12}],
       "categories": [{"id": 1, "name": "dog"}],
       "annotations": [{"image_id": 1, "category_id": 1, "bbox": [0, 0, 2, 2]}, {"image_id": 1, "category_id": 1, "bbox": [0, 0, 3, 3]},
                       {"image_id": 2, "category_id": 1, "bbox": [0, 0, 4, 4]}]}
      """#, to: "boxes.json")
    let (report, samples) = try source.prepared(bad: 1) { $0.boxes = [source.path("boxes.json")] }
    #expect(samples["a.jpg"]?.columns.boxes.isEmpty == true && samples["b.jpg"]?.columns.boxes.count == 1)
    #expect(
      report.problems.map(\.detail) == ["its 2 boxes are of a picture of 32×24 pixels, and the photo has 16×12 pixels"])
    #expect(report.alsoLeftOut.isEmpty)
  }

  @Test func recordsAndTables() throws {
    let source = try source()
    source.add(
      "refs.json",
      #"[{"file_name": "a.jpg", "sentences": [{"sent": "the left dog"}, {"raw": "dog"}], "bbox": [0, 0, 5, 6], "split": "train"}]"#
    )
    source.add("lines.jsonl", #"{"image": "b.jpg", "phrase": "a cat", "box": [1, 1, 2, 2], "split": "val"}"#)
    let (report, samples) = try source.prepared {
      $0.boxes = ["refs.json", "lines.jsonl"].map { source.path("folder/" + $0) }
    }
    #expect(samples["a.jpg"]?.columns.boxes.map(\.phrase) == ["the left dog", "dog"])
    #expect(samples["b.jpg"]?.columns.boxes == [PhraseBox(phrase: "a cat", x: 1, y: 1, width: 2, height: 2)])
    #expect(samples.mapValues(\.split) == ["a.jpg": "train", "b.jpg": "validation"] && report.problemCount == 0)
    source.files.removeLast(2)
    source.add(
      "boxes.csv", "file,words,left,top,w,h\na.jpg,the dog,0,0,5,6\nb.jpg,a cat,1,x,2,2\nb.jpg,a cat,,,,\nb.jpg,,,,,\n")
    let table = try source.prepared(bad: 1) {
      $0.columns = try ColumnRoles("image=file,phrase=words,x=left,y=top,w=w,h=h")
    }
    #expect(table.samples["a.jpg"]?.columns.boxes == [PhraseBox(phrase: "the dog", x: 0, y: 0, width: 5, height: 6)])
    #expect(
      table.report.problems.map { "\($0.kind.rawValue) \($0.place ?? "")" } == [
        "column_row boxes.csv:3", "column_row boxes.csv:4", "missing_value boxes.csv:5", "missing_caption boxes.csv",
      ])
  }

  @Test func noBoxes() throws {
    let source = try source()
    source.add("x.json", #"{"info": 3}"#)
    let error = #expect(throws: PreparationError.self) {
      try source.prepared { $0.boxes = [source.path("folder/x.json")] }
    }
    #expect(error?.description.contains("it holds no boxes that are known") == true && error?.exitCode == .badData)
  }
}

/// What splits do not divide.
@Suite struct GroupTests {
  private func table(_ groups: [String], splits: [String]? = nil) throws -> TestSource {
    let source = try TestSource()
    try source.addPhotos(named: groups.indices.map { "\(100 + $0).jpg" })
    let rows = groups.enumerated().map { place, group in
      "\(100 + place).jpg,\(group)" + (splits.map { ",\($0[place])" } ?? "")
    }
    source.add("t.csv", "file,who" + (splits == nil ? "" : ",fold") + "\n" + rows.joined(separator: "\n") + "\n")
    return source
  }

  @Test func aHashDividesNoGroup() throws {
    let source = try table((0..<120).map { "p\($0 / 4)" })
    // The same picture of two patients: these two stay together.
    source.files[3].bytes = source.files[4].bytes
    let roles = try ColumnRoles("image=file,group=who")
    let (report, samples) = try source.prepared { $0.columns = roles }
    var splits: [String: Set<String>] = [:]
    for sample in samples.values { splits[sample.columns.group ?? "", default: []].insert(sample.split) }
    #expect(splits.count == 30 && splits.values.allSatisfy { $0.count == 1 })
    #expect(splits["p0"] == splits["p1"] && report.leaks == 0 && report.dividedGroupCount == 0)
    #expect(Set(samples.values.map(\.split)) == ["train", "validation", "test"])
    #expect(report.splitSource.contains("hash of the groups' names"))
    // Other photos of the same groups move none.
    source.files.removeSubrange(5..<8)
    let fewer = try source.prepared(bad: 1) { $0.columns = roles }
    #expect(fewer.samples.allSatisfy { samples[$0.key]?.split == $0.value.split })
  }

  @Test func givenSplitsMayDivideOne() throws {
    let source = try table(["p1", "p1", "p1", "p2", "p3"], splits: ["train", "train", "test", "val", "test"])
    let roles = try ColumnRoles("image=file,group=who,split=fold")
    let (report, _) = try source.prepared { $0.columns = roles }
    #expect(report.dividedGroupCount == 1)
    #expect(report.dividedGroups.map(\.group) == ["p1"])
    #expect(report.dividedGroups[0].splits.map { "\($0.name) \($0.photos)" } == ["train 2", "test 1"])
    #expect(report.warnings.contains { $0.contains("1 groups are in more than one split (first: p1)") })
    let error = #expect(throws: PreparationError.self) {
      try source.prepared {
        $0.columns = roles
        $0.failsOnLeaks = true
      }
    }
    #expect(error?.exitCode == .badData)
    #expect(
      error?.description.contains(
        "1 groups are in more than one split, first: p1 with 2 photos in train, 1 photos in test") == true)
    let page = try String(contentsOfFile: source.path("prepared.report/report.html"), encoding: .utf8)
    #expect(page.contains("Groups in several splits") && page.contains("2 in train, 1 in test"))
  }
}
