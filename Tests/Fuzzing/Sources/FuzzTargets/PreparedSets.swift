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

private func manifest(index: [UInt8]) -> String {
  let hash = String(repeating: "0", count: 64)
  func shard(_ split: String, _ samples: Int) -> String {
    #"{"file":"shards/\#(split)-000000.tar","split":"\#(split)","samples":\#(samples),"bytes":4096,"sha256":"\#(hash)"}"#
  }
  return """
    {"format":"mmtrain-prepared","version":1,"description":{"name":"fuzz"},
    "splits":[{"name":"train","samples":3,"captions":3},{"name":"test","samples":2,"captions":2}],
    "shards":[\(shard("train", 3)),\(shard("test", 2))],
    "files":[{"file":"index.tsv","bytes":\(index.count),"sha256":"\(sha256(index))"}]}
    """
}
