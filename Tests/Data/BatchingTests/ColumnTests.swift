import Batching
import Files
import Foundation
import Reporting
import TestSupport
import Testing

/// A record with every column that lies in records.
private func fullColumns(_ number: Int) -> SampleColumns {
  var columns = SampleColumns()
  columns.questions = [
    Question(
      text: "how many?", answers: ["2", "2", "two"], kinds: ["answer_type": "number"], id: "\(number)00",
      details: .object(["confidence": .string("yes")])),
    Question(text: "why? / \"é\""),
  ]
  columns.labels = ["view": ["PA"], "finding": ["a", "b"]]
  columns.texts = ["report": "Nothing\nnew."]
  columns.boxes = [PhraseBox(phrase: "a dog", x: 0, y: 1.5, width: 12.25, height: 3)]
  columns.group = "p\(number % 2)"
  return columns
}

/// Four training samples with all columns, of which the last has captions, and one bare photo for validation.
private func writeColumns(_ path: String) throws {
  let writer = try PreparedDataSetWriter(directory: path, description: DataSetDescription(name: "columns"))
  for i in 0..<5 {
    let record = SampleRecord(
      key: "k\(i)", fileName: "f\(i).jpg", split: i < 4 ? "train" : "validation", captions: i == 3 ? ["x", "y"] : [],
      columns: i < 4 ? fullColumns(i) : SampleColumns())
    try writer.add(image: try syntheticJPEG(i), width: 24, height: 18, record: record)
  }
  try writer.finish()
}

@Suite struct ColumnTests {
  @Test func everyColumnComesBack() throws {
    try withTemporaryDirectory { root in
      try writeColumns(root + "/set")
      let set = try PreparedDataSet(path: root + "/set")
      for (number, sample) in try set.samples(split: "train").enumerated() {
        let record = try set.record(sample)
        #expect(record.columns == fullColumns(number) && record.details == nil)
        #expect(record.captions == (number == 3 ? ["x", "y"] : []))
      }
      let bare = try set.record(set.samples(split: "validation")[0])
      #expect(bare.columns.isEmpty && bare.captions.isEmpty)
      try set.verify()
    }
  }

  /// What a reader of another language finds in the shard: keys sorted, absent columns absent.
  @Test func recordsAsBytes() throws {
    try withTemporaryDirectory { root in
      try writeColumns(root + "/set")
      let set = try PreparedDataSet(path: root + "/set")
      func json(_ sample: SampleReference) throws -> String {
        let shard = try readFile(root + "/set/" + set.manifest.shards[sample.shard].file)
        return String(decoding: shard[sample.recordOffset..<sample.recordOffset + sample.recordBytes], as: UTF8.self)
      }
      #expect(
        try json(set.samples(split: "validation")[0])
          == #"{"file_name":"f4.jpg","key":"k4","split":"validation"}"# + "\n")
      #expect(
        try json(set.samples(split: "train")[1]) == #"{"boxes":[{"box":[0,1.5,12.25,3],"phrase":"a dog"}],"#
          + #""file_name":"f1.jpg","group":"p1","key":"k1","labels":{"finding":["a","b"],"view":["PA"]},"questions":["#
          + #"{"answers":["2","2","two"],"details":{"confidence":"yes"},"id":"100","kinds":{"answer_type":"number"},"#
          + #""question":"how many?"},{"question":"why? / \"é\""}],"split":"train","texts":{"report":"Nothing\nnew."}}"#
          + "\n")
    }
  }

  @Test func splitsCountTheirColumns() throws {
    try withTemporaryDirectory { root in
      try writeColumns(root + "/set")
      let set = try PreparedDataSet(path: root + "/set")
      let counts = try set.columnCounts(split: "train").map { "\($0.column.name) \($0.samples) \($0.values)" }
      #expect(
        counts == [
          "image 4 4", "captions 1 2", "questions 4 8", "label:finding 4 8", "label:view 4 4", "text:report 4 4",
          "boxes 4 4", "group 4 4",
        ])
      #expect(try set.columnCounts(split: "validation").map(\.column) == [.image])
      let manifest = String(decoding: try readFile(root + "/set/manifest.json"), as: UTF8.self)
      try writeAtomically(
        Array(manifest.replacingOccurrences(of: "\"values\" : 8", with: "\"values\" : 9").utf8),
        to: root + "/set/manifest.json")
      let error = #expect(throws: BatchingError.self) { try PreparedDataSet(path: root + "/set").verify() }
      #expect(error?.description.contains("8 values of column questions in 4 samples") == true)
    }
  }

  /// What is not wanted is not looked at: a record whose boxes are rubbish gives its questions.
  @Test func onlyWantedColumnsAreMade() throws {
    try withTemporaryDirectory { root in
      try writeColumns(root + "/set")
      let path = root + "/set/shards/train-000000.tar"
      var shard = try readFile(path)
      let good = Array(#"[0,1.5,12.25,3]"#.utf8)
      while let place = shard.indices.first(where: { shard[$0...].starts(with: good) }) {
        shard.replaceSubrange(place..<place + good.count, with: Array(#"[0,"x","y","z"]"#.utf8))
      }
      try writeAtomically(shard, to: path)
      let set = try PreparedDataSet(path: root + "/set")
      let sample = try set.samples(split: "train")[3]
      let (captions, columns) = try set.columns([.questions, .labels("view"), .group], of: sample)
      var expected = SampleColumns()
      expected.questions = fullColumns(3).questions
      expected.labels = ["view": ["PA"]]
      expected.group = "p1"
      #expect(captions.isEmpty && columns == expected)
      #expect(try set.columns([.captions, .text("report")], of: sample).captions == ["x", "y"])
      #expect(throws: BatchingError.self) { try set.columns([.boxes], of: sample) }
      #expect(throws: BatchingError.self) { try set.record(sample) }
    }
  }

  @Test func taskWhoseColumnTheDataLack() throws {
    try withTemporaryDirectory { root in
      try writeColumns(root + "/set")
      let set = try PreparedDataSet(path: root + "/set")
      try set.require([.image, .questions, .captions], everywhere: [.group], split: "train")
      func refusal(_ columns: ColumnSet, everywhere: ColumnSet = [], _ split: String) -> BatchingError? {
        #expect(throws: BatchingError.self) { try set.require(columns, everywhere: everywhere, split: split) }
      }
      let lacking = refusal([.image, .questions], "validation")
      #expect(lacking?.exitCode == .missingInput)
      let words = lacking?.description ?? ""
      #expect(words.contains("the data lack the column questions in split validation, which has image; prepare"))
      #expect(words.contains("--questions FILE"))
      let partly = refusal([], everywhere: [.captions], "train")?.description ?? ""
      #expect(partly.contains("only 1 of 4 samples of split train have the column captions"))
      #expect(refusal([.labels("finding")], "validation")?.description.contains("label:finding=…") == true)
      #expect(refusal([], "test") != nil)
    }
  }

  @Test func namesOfColumns() {
    for name in ["image", "captions", "questions", "label:a b", "text:report", "boxes", "regions", "audio", "group"] {
      #expect(Column(name)?.name == name)
    }
    for name in ["", "caption", "label:", "text:", "label", "Image"] { #expect(Column(name) == nil) }
    #expect(
      ColumnSet([.group, .image, .image, .labels("b"), .labels("a")]).columns.map(\.name)
        == ["image", "label:a", "label:b", "group"])
  }

  /// A set that was written before there were columns (made by `check_webdataset.py`'s forerunner, never rewritten).
  @Test func setsOfVersionOne() throws {
    let set = try PreparedDataSet(path: goldenDirectory + "/prepared-without-txt")
    #expect(set.manifest.version == 1 && set.manifest.splits.allSatisfy { $0.columns == nil })
    try set.verify()
    for split in set.manifest.splits {
      let counts = try set.columnCounts(split: split.name)
      #expect(counts.map(\.column) == [.image, .captions])
      #expect(counts.map(\.values) == [split.samples, split.captions])
      try set.require([.image, .captions], everywhere: [.captions], split: split.name)
      #expect(throws: BatchingError.self) { try set.require([.questions], split: split.name) }
      for sample in try set.samples(split: split.name) {
        #expect(try set.record(sample).captions == set.captions(sample))
        #expect(try set.columns([.captions], of: sample).captions == set.captions(sample))
      }
    }
  }
}
