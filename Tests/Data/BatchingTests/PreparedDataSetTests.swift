import Batching
import Files
import Foundation
import Testing

@Suite struct PreparedDataSetTests {
  @Test func everythingComesBack() throws {
    try withTemporaryDirectory { root in
      let path = root + "/deep/set"
      let writer = try PreparedDataSetWriter(
        directory: path, description: DataSetDescription(name: "two", licence: "CC0"), shardBytes: 3_000)
      var photos: [[UInt8]] = []
      for i in 0..<9 {
        let split = i % 2 == 0 ? "train" : "test"
        photos.append(try syntheticJPEG(i))
        try writer.add(
          image: photos[i], width: 24, height: 18,
          record: SampleRecord(
            key: "k\(i)", fileName: "f\(i).jpg", split: split, captions: ["a\n\"b\" é", "c/d"],
            details: .object(["boxes": .array([.integer(3), .number(0.5), .null, .bool(true)])])))
      }
      try writer.addPair(LabelledPair(key: "k1", matches: true, text: "one\ttwo\nthree"), split: "test")
      try writer.addFile("tokenizer.json", bytes: Array("{}".utf8))
      #expect(!fileExists(path))
      try writer.finish()
      #expect(try directoryEntries(root + "/deep") == ["set"])

      let set = try PreparedDataSet(path: path)
      #expect(set.manifest.splits.map(\.name) == ["train", "test"])
      #expect(set.manifest.splits.map(\.samples) == [5, 4])
      #expect(set.manifest.splits.map(\.captions) == [10, 8])
      #expect(set.manifest.shards.count > 3)
      #expect(set.manifest.description.licence == "CC0")
      let test = try set.samples(split: "test")
      #expect(test.map(\.key) == ["k1", "k3", "k5", "k7"])
      for sample in test {
        let number = try #require(Int(sample.key.dropFirst()))
        #expect(set.withImageBytes(sample) { Array($0) } == photos[number])
        let record = try set.record(sample)
        #expect(record.captions == ["a\n\"b\" é", "c/d"] && record.fileName == "f\(number).jpg")
        #expect(record.details == .object(["boxes": .array([.integer(3), .number(0.5), .null, .bool(true)])]))
        #expect(try set.captions(sample) == record.captions)
      }
      #expect(try set.labelledPairs(split: "test") == [.init(key: "k1", matches: true, text: "one two three")])
      #expect(try set.labelledPairs(split: "train") == [])
      #expect(try set.sideFile("tokenizer.json") == Array("{}".utf8))
      #expect(try set.sideFile("report.json") == nil)
      try set.verify()
    }
  }

  @Test func sameInputSameBytes() throws {
    try withTemporaryDirectory { root in
      try writeSyntheticDataSet(root + "/a", train: 12)
      try writeSyntheticDataSet(root + "/b", train: 12)
      let (a, b) = (try PreparedDataSet(path: root + "/a"), try PreparedDataSet(path: root + "/b"))
      #expect(a.fingerprint == b.fingerprint)
      #expect(a.manifest == b.manifest)
    }
  }

  /// What webdataset does with a shard: members in order, grouped by the name before the first dot.
  @Test(.enabled(if: hasPython, "needs python3")) func pythonReadsShards() throws {
    try withTemporaryDirectory { root in
      try writeSyntheticDataSet(root + "/set", train: 5, shardBytes: 1 << 20)
      let printed = runPython(
        """
        import sys, tarfile, json
        samples = {}
        for member in tarfile.open(sys.argv[1]):
          key, extension = member.name.split(".", 1)
          assert member.isfile()
          samples.setdefault(key, {})[extension] = tarfile.open(sys.argv[1]).extractfile(member).read()
        for key, sample in samples.items():
          record = json.loads(sample["json"])
          assert record["key"] == key and sample["jpg"][:2] == b"\\xff\\xd8" and record["split"] == "train"
          print(key, len(sample["jpg"]), len(record["captions"]))
        """, [root + "/set/shards/train-000000.tar"])
      let set = try PreparedDataSet(path: root + "/set")
      let expected = try set.samples(split: "train").map {
        "\($0.key) \($0.imageBytes) \(try set.captions($0).count)\n"
      }
      #expect(printed == expected.joined())
    }
  }

  @Test func nothingIsLeftOfAnAbandonedWriter() throws {
    try withTemporaryDirectory { root in
      do {
        let writer = try PreparedDataSetWriter(directory: root + "/set", description: .init(name: "x"))
        try writer.add(
          image: try syntheticJPEG(1), width: 24, height: 18,
          record: .init(key: "a", fileName: "a.jpg", split: "train", captions: []))
        #expect(try directoryEntries(root).count == 1)
      }
      #expect(try directoryEntries(root) == [])
      try makeDirectory(root + "/set.partial-99999999")  // above the largest process id of Linux
      try writeSyntheticDataSet(root + "/set", train: 1)
      #expect(try directoryEntries(root) == ["set"])
    }
  }

  @Test func theWriterRefuses() throws {
    try withTemporaryDirectory { root in
      try writeSyntheticDataSet(root + "/there", train: 1)
      #expect(throws: BatchingError.self) {
        try PreparedDataSetWriter(directory: root + "/there", description: .init(name: "x"))
      }
      let writer = try PreparedDataSetWriter(directory: root + "/set", description: .init(name: "x"))
      let photo = try syntheticJPEG(1)
      func add(_ key: String, _ name: String, split: String = "train", image: [UInt8]? = nil, width: Int = 24) throws {
        try writer.add(
          image: image ?? photo, width: width, height: 18,
          record: .init(key: key, fileName: name, split: split, captions: ["x"]))
      }
      try add("b", "b.jpg")
      #expect(throws: BatchingError.self) { try add("b", "c.jpg") }
      #expect(throws: BatchingError.self) { try add("c", "a.jpg") }
      #expect(throws: BatchingError.self) { try add("d.e", "d.jpg") }
      #expect(throws: BatchingError.self) { try add("../d", "d.jpg") }
      #expect(throws: BatchingError.self) { try add("", "d.jpg") }
      #expect(throws: BatchingError.self) { try add("d", "d.jpg", split: "Tr/ain") }
      #expect(throws: BatchingError.self) { try add("e", "d.jpg", image: []) }
      #expect(throws: BatchingError.self) { try add("f", "d.jpg", width: 0) }
      #expect(throws: BatchingError.self) {
        try writer.addPair(.init(key: "z", matches: true, text: ""), split: "train")
      }
      for name in ["manifest.json", "index.tsv", "../x.json", "a/b.json", "plain", ".json"] {
        #expect(throws: BatchingError.self) { try writer.addFile(name, bytes: []) }
      }
    }
  }

  @Test func keysOfFileNames() {
    #expect(SampleKey.make(fileName: "1000092795.jpg") == "1000092795")
    #expect(SampleKey.make(fileName: "a b.jpg") == "a_b-" + sha256(Array("a b.jpg".utf8)).prefix(8))
    let names = ["a.b.jpg", "a_b.jpg", "x/a_b.jpg", "é.jpg", "..", "", ".jpg", String(repeating: "q", count: 300)]
    let keys = names.map { SampleKey.make(fileName: $0) }
    #expect(Set(keys).count == names.count)
    #expect(keys.allSatisfy { SampleKey.isValid($0) })
  }
}
