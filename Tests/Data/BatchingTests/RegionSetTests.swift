import Batching
import Files
import Foundation
import TestSupport
import Testing

/// Regions of samples in a prepared set: written, found, held against what the record says.
@Suite struct RegionSetTests {
  private static let boxes: [Float] = [0, 0, 1, 1, 0.25, 0.5, 0.25, 0.75]

  /// Two regions of `width` numbers; those of sample 0 with all members.
  private static func regions(_ number: UInt16, width: Int = 3) throws -> RegionFeatures {
    let features = (0..<2 * width).map { 0x3C00 + number * 16 + UInt16($0) }
    guard number == 0 else { return try RegionFeatures(features: features, boxes: boxes) }
    return try RegionFeatures(
      features: features, boxes: boxes, probabilities: [0x3C00, 0, 0x3800, 0x3800],
      objects: .init(ids: [1, 1599], confidences: [0, 1]), attributes: .init(ids: [0, 7], confidences: [0.5, 0.25]))
  }

  /// Samples 0 and 2 have regions, 1 has none. Behind the photo of 2 stands an array that nothing names.
  private static func write(_ path: String, shardBytes: Int = 1 << 20) throws {
    let writer = try PreparedDataSetWriter(
      directory: path, description: DataSetDescription(name: "regions"), shardBytes: shardBytes)
    for number in 0..<3 {
      let photo = try syntheticJPEG(number) + (number == 2 ? stray : [])
      let record = SampleRecord(key: "k\(number)", fileName: "\(number).jpg", split: "train", captions: ["x"])
      try writer.add(
        image: photo, width: 24, height: 18, record: record,
        regions: number == 1 ? nil : try regions(UInt16(number)))
    }
    try writer.finish()
  }

  /// Two regions of four numbers, where the others have three.
  private static let stray = NPYArray(.float16, shape: [2, 4], [UInt16](repeating: 0, count: 8)).encoded

  private static func samples(_ root: String) throws -> (PreparedDataSet, [SampleReference]) {
    let set = try PreparedDataSet(path: root + "/set")
    return (set, try set.samples(split: "train"))
  }

  @Test(arguments: [1 << 20, 1]) func comeBack(shardBytes: Int) throws {
    try withTemporaryDirectory { root in
      try Self.write(root + "/set", shardBytes: shardBytes)
      let (set, samples) = try Self.samples(root)
      #expect(try samples.map { try set.regions($0) } == [Self.regions(0), nil, Self.regions(2)])
      #expect(try samples.map { try set.record($0).captions } == [["x"], ["x"], ["x"]])
      #expect(
        try set.columnCounts(split: "train").map { "\($0.column.name) \($0.samples) \($0.values)" }
          == ["image 3 3", "captions 3 3", "regions 2 4"])
      try set.require([.regions], split: "train")
      try set.verify()
    }
  }

  /// Other programs find them beside the photo, and the record says where each lies.
  @Test func membersStandBesideThePhoto() throws {
    try withTemporaryDirectory { root in
      try Self.write(root + "/set")
      let shard = root + "/set/shards/train-000000.tar"
      let listed = try run("/usr/bin/env", ["tar", "tf", shard]).output.split(separator: "\n").map(String.init)
      let members = RegionMember.allCases.map { "k0." + $0.rawValue }
      #expect(
        listed == ["k0.jpg"] + members + ["k0.json", "k0.txt", "k1.jpg", "k1.json", "k1.txt"]
          + ["k2.jpg", "k2.regions.npy", "k2.region_boxes.npy", "k2.json", "k2.txt"])
      let extracted = try run("/usr/bin/env", ["tar", "xf", shard, "-C", root])
      #expect(extracted.status == 0)
      let bytes = try readFile(shard)
      let (set, samples) = try Self.samples(root)
      for (member, expected) in try Self.regions(0).members {
        let place = try #require(try set.record(samples[0]).regions[member])
        #expect(try readFile(root + "/k0." + member.rawValue) == expected)
        #expect(Array(bytes[place.offset..<place.offset + place.bytes]) == expected)
      }
      let record = String(decoding: try readFile(root + "/k2.json"), as: UTF8.self)
      let place = try #require(try set.record(samples[2]).regions[.boxes])
      #expect(
        record.contains(#""regions":{"region_boxes.npy":{"bytes":160,"offset":\#(place.offset)},"regions.npy":{"#))
    }
  }

  @Test func theWriterHoldsTheirForm() throws {
    try withTemporaryDirectory { root in
      let writer = try PreparedDataSetWriter(directory: root + "/set", description: .init(name: "x"))
      func add(_ key: String, _ regions: RegionFeatures) throws {
        let record = SampleRecord(key: key, fileName: key, split: "train")
        try writer.add(image: try syntheticJPEG(1), width: 24, height: 18, record: record, regions: regions)
      }
      try add("a", Self.regions(0))
      let wide = #expect(throws: BatchingError.self) { try add("b", Self.regions(1, width: 4)) }
      #expect(wide?.description == "sample b: its regions have 4 numbers each, those of samples before it 3")
      let classified = try RegionFeatures(
        features: [1, 2, 3, 4, 5, 6], boxes: Self.boxes, probabilities: [UInt16](repeating: 0, count: 6))
      let error = #expect(throws: BatchingError.self) { try add("b", classified) }
      #expect(error?.description.contains("its regions have 3 classes each, those of samples before it 2") == true)
    }
  }

  /// Lies of a record about where regions are; each has as many bytes as the truth.
  static let lies: [(old: String, new: String, reason: String)] = [
    ("\"offset\":", "\"offset\":-", "lies outside the shard"),
    ("\"bytes\":160", "\"bytes\":999", "is not what"),
    ("\"bytes\":160", "\"bytes\":  0", "lies outside the shard"),
    ("\"bytes\":160", "\"bytes\":9e4", "lies outside the shard"),
    ("\"bytes\":160", "\"bytes\":9e8", "lies outside the shard"),
    ("\"bytes\":160", "\"bytes\":9e9", "lies outside the shard"),
    ("\"bytes\":160", "\"bytes\":99 ", "of 89 that there are"),
    ("\"bytes\":160", "\"bytes\":0.5", "k2"),
    ("region_boxes.npy", "region_boxez.npy", "k2"),
    ("region_boxes.npy", "region_objects.", "k2"),
    ("\"regions.npy\"", "\"regionz.npy\"", "k2"),
  ]

  @Test(arguments: lies) func falseRecords(old: String, new: String, reason: String) throws {
    try withTemporaryDirectory { root in
      try Self.write(root + "/set")
      try change(root + "/set", of: 2) { $0.replacing(old, with: new, maxReplacements: 1) }
      let (set, samples) = try Self.samples(root)
      let error = #expect(throws: (any Error).self) { try set.regions(samples[2]) }
      #expect("\(error.map { "\($0)" } ?? "")".contains(reason), "\(String(describing: error))")
      #expect(throws: (any Error).self) { try set.verify() }
      #expect(try set.regions(samples[0]) == Self.regions(0))
    }
  }

  /// What a set says as a whole is seen by `verify` alone.
  @Test func anotherForm() throws {
    try withTemporaryDirectory { root in
      try Self.write(root + "/set")
      let (set, samples) = try Self.samples(root)
      let old = try #require(try set.record(samples[2]).regions[.features])
      let end = samples[2].imageOffset + samples[2].imageBytes
      try change(root + "/set", of: 2) {
        $0.replacing(
          "{\"bytes\":\(old.bytes),\"offset\":\(old.offset)}",
          with: "{\"bytes\":\(Self.stray.count),\"offset\":\(end - Self.stray.count)}")
      }
      let changed = try Self.samples(root).0
      #expect(try changed.regions(samples[2])?.width == 4)
      let error = #expect(throws: BatchingError.self) { try changed.verify() }
      #expect(error?.description.contains("its regions have 4 numbers each, those of samples before it 3") == true)
    }
  }

  @Test func missingRegions() throws {
    try withTemporaryDirectory { root in
      try Self.write(root + "/set")
      try change(root + "/set", of: 2) { $0.replacing("\"regions\":{\"", with: "\"legions\":{\"") }
      let error = #expect(throws: BatchingError.self) { try PreparedDataSet(path: root + "/set").verify() }
      #expect(error?.description.contains("2 values of column regions in 1 samples") == true)
    }
  }

  /// Changes a sample's record, and the shard's hash in the manifest with it.
  private func change(_ path: String, of number: Int, _ change: (String) -> String) throws {
    let set = try PreparedDataSet(path: path)
    let sample = try set.samples(split: "train")[number]
    let place = sample.recordOffset..<sample.recordOffset + sample.recordBytes
    let shard = path + "/" + set.manifest.shards[0].file
    var bytes = try readFile(shard)
    let record = String(decoding: bytes[place], as: UTF8.self)
    var changed = Array(change(record).utf8)
    try #require(changed != Array(record.utf8))
    // White space at the end of a record is none of it.
    while changed.count < record.utf8.count { changed.append(0x20) }
    if changed.count > record.utf8.count, changed.last == 0x0A { changed.removeLast() }
    try #require(changed.count == record.utf8.count)
    bytes.replaceSubrange(place, with: changed)
    try writeAtomically(bytes, to: shard)
    let manifest = String(decoding: try readFile(path + "/manifest.json"), as: UTF8.self)
    let rewritten = manifest.replacing(set.manifest.shards[0].sha256, with: sha256(bytes))
    try writeAtomically(Array(rewritten.utf8), to: path + "/manifest.json")
  }
}
