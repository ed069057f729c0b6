import Batching
import Files
import Foundation
import Testing

/// Every lie about a prepared data set is an error at opening or in `verify`, never a crash or a wrong sample.
@Suite struct DamagedDataSetTests {
  @Test func missingPieces() throws {
    try withTemporaryDirectory { root in
      #expect(throws: BatchingError.self) { try PreparedDataSet(path: root) }
      try writeSyntheticDataSet(root + "/set", train: 3)
      #expect(throws: BatchingError.self) { try PreparedDataSet(path: root + "/set").samples(split: "test") }
      let shard = root + "/set/shards/train-000000.tar"
      let bytes = try readFile(shard)
      try removeTree(shard)
      #expect(throws: FileError.self) { try PreparedDataSet(path: root + "/set") }
      try writeAtomically(bytes.dropLast(512), to: shard)
      #expect(throws: BatchingError.self) { try PreparedDataSet(path: root + "/set") }
    }
  }

  /// One changed bit anywhere in the shard is found by `verify`.
  @Test func changedShard() throws {
    try withTemporaryDirectory { root in
      try writeSyntheticDataSet(root + "/set", train: 3)
      let shard = root + "/set/shards/train-000000.tar"
      var bytes = try readFile(shard)
      bytes[700] ^= 1
      try writeAtomically(bytes, to: shard)
      let set = try PreparedDataSet(path: root + "/set")
      #expect(throws: BatchingError.self) { try set.verify() }
    }
  }

  static let manifests: [(String, String)] = [
    ("\"version\" : 2", "\"version\" : 5"),
    ("\"version\" : 2", "\"version\" : 1"),
    ("\"column\" : \"captions\"", "\"column\" : \"capshuns\""),
    ("\"column\" : \"captions\"", "\"column\" : \"image\""),
    ("mmtrain-prepared", "something-else"),
    ("shards/train-000000.tar", "shards/../../etc.tar"),
    ("shards/train-000000.tar", "/etc/passwd"),
    ("shards/train-000000.tar", "shards/train-000001.tar"),
    ("\"samples\" : 3", "\"samples\" : 4"),
    ("\"samples\" : 3", "\"samples\" : -3"),
    ("\"samples\" : 3", "\"samples\" : 9223372036854775807"),
    ("\"samples\" : 3", "\"samples\" : 99999999999999999999"),
    ("\"name\" : \"train\"", "\"name\" : \"../x\""),
    ("index.tsv", "../index.tsv"),
    ("{", "["),
    ("\"splits\"", "\"split\""),
  ]

  @Test(arguments: manifests) func alteredManifest(_ change: (String, String)) throws {
    try withTemporaryDirectory { root in
      try writeSyntheticDataSet(root + "/set", train: 3)
      let path = root + "/set/manifest.json"
      let text = String(decoding: try readFile(path), as: UTF8.self)
      let altered = text.replacingOccurrences(of: change.0, with: change.1)
      try #require(text != altered)
      try writeAtomically(Array(altered.utf8), to: path)
      #expect(throws: (any Error).self) { try PreparedDataSet(path: root + "/set") }
    }
  }

  static let indexes: [@Sendable (inout [[String]]) -> Void] = [
    { $0[1][0] = "../x" },
    { $0[1][0] = $0[2][0] },
    { $0[1][1] = "test" },
    { $0[1][2] = "1" },
    { $0[1][2] = "-1" },
    { $0[1][3] = "999999999999999" },
    { $0[1][3] = "9999999999999999999999" },
    { $0[1][4] = "0" },
    { $0[1][4] = "0x10" },
    { $0[1][5] = "999999" },
    { $0[1][6] = "0" },
    { $0[1][6] = "999999999" },
    { $0[1][7] = "0" },
    { $0[1][8] = "65536" },
    { $0[1][9] = "123" },
    { $0[1][9] = "zzzzzzzzzzzzzzzz" },
    { $0[1].append("more") },
    { $0[1].removeLast() },
    { $0.removeLast() },
    { $0.append($0[1]) },
    { $0[0][0] = "KEY" },
    { $0 = [] },
  ]

  /// The index's own hash is made to agree, so that the line is what has to be caught.
  @Test(arguments: indexes.indices) func alteredIndex(_ number: Int) throws {
    try withTemporaryDirectory { root in
      try writeSyntheticDataSet(root + "/set", train: 3)
      let path = root + "/set/index.tsv"
      let old = try readFile(path)
      var lines = String(decoding: old, as: UTF8.self).split(separator: "\n").map {
        $0.split(separator: "\t").map { String($0) }
      }
      Self.indexes[number](&lines)
      let new = Array(lines.map { $0.joined(separator: "\t") + "\n" }.joined().utf8)
      try writeAtomically(new, to: path)
      #expect(throws: BatchingError.self) { try PreparedDataSet(path: root + "/set") }
      let manifestPath = root + "/set/manifest.json"
      let manifest = String(decoding: try readFile(manifestPath), as: UTF8.self)
        .replacingOccurrences(of: sha256(old), with: sha256(new))
        .replacingOccurrences(of: "\"bytes\" : \(old.count),", with: "\"bytes\" : \(new.count),")
      try writeAtomically(Array(manifest.utf8), to: manifestPath)
      #expect(throws: BatchingError.self) { try PreparedDataSet(path: root + "/set") }
    }
  }

  /// Offsets that point at another sample's record are noticed when it is read.
  @Test func recordOfAnotherSample() throws {
    try withTemporaryDirectory { root in
      try writeSyntheticDataSet(root + "/set", train: 3)
      let set = try PreparedDataSet(path: root + "/set")
      var samples = try set.samples(split: "train")
      samples[0].recordOffset = samples[1].recordOffset
      samples[0].recordBytes = samples[1].recordBytes
      #expect(throws: BatchingError.self) { try set.captions(samples[0]) }
      samples[0].recordBytes -= 5
      #expect(throws: BatchingError.self) { try set.record(samples[0]) }
    }
  }
}
