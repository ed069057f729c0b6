import Batching
import Files
import Foundation
import TestSupport
import Testing

/// Data sets that are known, or described by a manifest: what a person sees of them.
@Suite struct PrepareCommandTests {
  private func object(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  @Test func theList() throws {
    let result = try Program.run("prepare", "--list")
    #expect(result.exitCode == 0 && result.errors.isEmpty)
    for words in ["coco-captions  123287", "20.2 GB", "flickr30k", "ask for it", "scenes"] {
      #expect(result.output.contains(words), "\(words) in \(result.output)")
    }
    let sets = try #require(
      try object(Program.run("prepare", "--list", "--json").output)["data_sets"] as? [[String: Any]])
    #expect(sets.map { $0["name"] as? String } == ["coco-captions", "flickr30k", "flickr8k", "scenes"])
    #expect(sets[0]["bytes"] as? Int == 20_192_332_463)
  }

  @Test(arguments: ["coco-captions", "flickr30k", "flickr8k", "scenes"])
  func explanations(name: String) throws {
    let result = try Program.run("prepare", name, "--explain")
    #expect(result.exitCode == 0 && result.errors.isEmpty)
    #expect(result.output.contains("licence") && result.output.contains("expected"))
    #expect(result.output.split(separator: "\n").allSatisfy { $0.count <= 130 })
    #expect(try object(Program.run("prepare", name, "--explain", "--json").output)["name"] as? String == name)
    if name == "coco-captions" {
      #expect(result.output.contains("ede4087e640bddba550e090eae701092534b554b42b05ac33f0300b984b31775"))
      #expect(result.output.contains("dataset_coco.json") && result.output.contains("prepared/downloads/coco-captions"))
    }
  }

  @Test(arguments: [
    (["flickr-30k"], 64, "did you mean flickr30k?"), (["coco"], 64, "did you mean coco-captions?"),
    (["imagenet"], 64, "--list"), (["scene"], 64, "did you mean scenes?"),
    (["nowhere/set.yaml"], 66, "no such file"), (["flickr30k"], 66, "request form"),
    (["flickr30k"], 66, "mmtrain prepare flickr30k --archive FILE"), ([], 64, "--list"),
    (["--explain"], 64, "needs the name"),
    (["scenes", "--archive", "x"], 64, "scenes are drawn"), (["--archive", "a.zip"], 64, "--output"),
    (["--archive", "a.zip", "--images", "b", "--output", "c"], 64, "not both"),
    (["flickr30k", "--archive", "nowhere.zip", "--output", "/tmp/nothing-here"], 66, "nowhere.zip"),
    (["flickr8k", "--archive", "a.zip", "--downloads", "d"], 64, "nothing is fetched"),
    (["scenes", "--columns", "image=a,group=b"], 64, "scenes are drawn"),
    (["--images", "a", "--output", "b", "--columns", "image=a,grup=b"], 64, "“grup”; perhaps group is meant"),
    (["--images", "a", "--output", "b", "--columns", "group=b"], 64, "no column is the image"),
    (["--images", "a", "--output", "b", "--table", "t.csv"], 64, "--table needs --columns"),
    (["--images", "a", "--output", "b", "--annotations", "none", "--annotations", "c"], 64, "leave out the others"),
  ])
  func whatIsWrong(arguments: [String], code: Int32, words: String) throws {
    let result = try Program.run(Program.path, ["prepare"] + arguments)
    #expect(result.exitCode == code, "\(result.errors)")
    #expect(result.errors.contains("error: ") && result.errors.contains(words), "\(result.errors)")
    #expect(result.output.isEmpty)
  }

  @Test func aManifestThatIsWrong() throws {
    let directory = try TemporaryDirectory(inMemory: true)
    try writeAtomically("name: a\nfile: []\n".utf8, to: directory("a.yaml"))
    let result = try Program.run("prepare", directory("a.yaml"))
    #expect(result.exitCode == 78)
    #expect(
      result.errors.hasPrefix(
        "error: \(directory("a.yaml")):2:1: unknown key file in the manifest; did you mean files?"))
    let missing = try Program.run("prepare", directory("b.yaml"))
    #expect(missing.exitCode == 66 && missing.errors.contains("did you mean \(directory("a.yaml"))?"))
  }

  /// From a manifest to a prepared set; a second set from the same files fetches nothing.
  @Test func fromAManifestToASet() throws {
    let toy = try ToySet()
    let result = try toy.start().wait()
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains("\(toy.output): toy\n  train: 8 photos, 16 captions"))
    #expect(result.errors.contains("licence: free of rights\ncite: nobody\n") && !result.errors.contains("\u{1B}"))
    let set = try PreparedDataSet(path: toy.output)
    #expect(set.manifest.description.name == "toy" && set.manifest.description.licence == "free of rights")
    #expect(set.manifest.splits.map(\.samples).reduce(0, +) == 12)
    let requests = toy.server.requests.count
    #expect(requests == 2)
    let again = try toy.start().wait()
    #expect(again.status == 73 && again.errors.contains("exists"))
    try removeTree(toy.output)
    let second = try toy.start("--json").wait()
    #expect(second.status == 0 && toy.server.requests.count == requests)
    #expect(try object(second.output)["name"] as? String == "toy")
  }

  /// An archive that was asked for is prepared under the manifest's terms, and held against its numbers.
  @Test func aKnownSetFromAnArchive() throws {
    let toy = try ToySet()
    for (name, bytes) in [("p.zip", toy.photos), ("c.zip", toy.captions)] {
      try writeAtomically(bytes, to: toy.directory(name))
    }
    let result = try Program.run(
      "prepare", "flickr30k", "--archive", toy.directory("p.zip"), "--archive", toy.directory("c.zip"), "--output",
      toy.output)
    #expect(result.exitCode == 0, "\(result.errors)")
    let set = try PreparedDataSet(path: toy.output)
    #expect(set.manifest.description.name == "flickr30k")
    #expect(set.manifest.description.licence?.hasPrefix("Non-commercial") == true)
    let report = String(decoding: try readFile(toy.output + "/report.json"), as: UTF8.self)
    #expect(report.contains("31783") && result.errors.contains("licence: Non-commercial"))
    #expect(toy.server.requests.isEmpty)
  }
}
