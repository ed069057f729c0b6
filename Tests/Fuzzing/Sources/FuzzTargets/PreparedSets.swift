internal import Archives
internal import Batching
internal import Files

/// The bytes of the one shard of these sets: no tar, as opening a set does not look into its shards.
private let shard = [UInt8](repeating: 0x20, count: 4096)

/// Opens a set with this index, three samples of `train` and two of `test`, and reads what it says of them.
func readIndex(_ bytes: UnsafeRawBufferPointer) throws {
  let index = Array(bytes)
  try withSet(index: index, manifest: Array(manifest(index: index).utf8))
}

/// Opens a set with this manifest.
func readManifest(_ bytes: UnsafeRawBufferPointer) throws {
  try withSet(index: Array(heading.utf8), manifest: Array(bytes))
}

private let heading =
  "key\tsplit\tshard\timage_offset\timage_bytes\trecord_offset\trecord_bytes\twidth\theight\timage_sha256\n"

private func withSet(index: [UInt8], manifest: [UInt8]) throws {
  try withDirectory { directory in
    try makeDirectory(directory + "/shards")
    for name in ["train-000000", "test-000000"] { try write(shard, to: directory + "/shards/\(name).tar") }
    try write(index, to: directory + "/index.tsv")
    try write(manifest, to: directory + "/manifest.json")
    let set = try PreparedDataSet(path: directory)
    for split in set.manifest.splits {
      for sample in try set.samples(split: split.name) {
        try require(set.withImageBytes(sample) { $0.count } == sample.imageBytes, "a photo lies within its shard")
        do { _ = try set.captions(sample) } catch is BatchingError {}
        do { _ = try set.columns([.questions, .boxes], of: sample) } catch is BatchingError {}
      }
    }
  }
}

/// Reads a record behind a photo and its regions, which stand where the seeds say.
func readRecord(_ bytes: UnsafeRawBufferPointer) throws {
  let members: [(offset: Int, array: NPYArray)] = [
    (1024, NPYArray(.float16, shape: [2, 3], [UInt16](repeating: 1, count: 6))),
    (1536, NPYArray(.float32, shape: [2, 4], [UInt32](repeating: 0, count: 8))),
  ]
  var content = shard
  for (offset, array) in members {
    content.replaceSubrange(offset..<(offset + array.encoded.count), with: array.encoded)
  }
  let index = Array("\(heading)a\ttrain\t0\t512\t100\t4096\t\(bytes.count)\t24\t18\t000000000000000f\n".utf8)
  try withDirectory { directory in
    try makeDirectory(directory + "/shards")
    try write(content + bytes, to: directory + "/shards/train-000000.tar")
    try write(index, to: directory + "/index.tsv")
    let manifest = manifest(index: index, ["train": 1], shardBytes: 4096 + bytes.count)
    try write(Array(manifest.utf8), to: directory + "/manifest.json")
    let set = try PreparedDataSet(path: directory)
    let sample = try set.samples(split: "train")[0]
    let record = try set.record(sample)
    try require(record.key == sample.key, "a record is that of its sample")
    try require(try set.captions(sample) == record.captions, "captions are read alone as they are with all columns")
    let regions = try set.regions(sample)
    try require((regions == nil) == record.regions.isEmpty, "regions are there where the record names them")
  }
}

/// - Parameter samples: of each split, which has one shard.
private func manifest(
  index: [UInt8], _ samples: KeyValuePairs<String, Int> = ["train": 3, "test": 2], shardBytes: Int = shard.count
) -> String {
  let hash = String(repeating: "0", count: 64)
  let splits = samples.map { #"{"name":"\#($0.key)","samples":\#($0.value),"captions":\#($0.value)}"# }
  let shards = samples.map {
    #"{"file":"shards/\#($0.key)-000000.tar","split":"\#($0.key)","samples":\#($0.value),"bytes":\#(shardBytes),"#
      + #""sha256":"\#(hash)"}"#
  }
  return """
    {"format":"mmtrain-prepared","version":1,"description":{"name":"fuzz"},
    "splits":[\(splits.joined(separator: ","))],
    "shards":[\(shards.joined(separator: ","))],
    "files":[{"file":"index.tsv","bytes":\(index.count),"sha256":"\(sha256(index))"}]}
    """
}
