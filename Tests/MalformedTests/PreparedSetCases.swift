import Batching
import Files
import Foundation
import TestSupport
import Testing

/// Prepared data sets whose manifest, index or shards lie.
let preparedSetCases: [MalformedCase] = manifestCases + indexCases + shardCases + recordCases

private func set(
  _ what: String, code: Int32 = 65, _ key: String, verifies: Bool = false,
  _ change: @escaping @Sendable (Inputs) throws -> Void
) -> MalformedCase {
  MalformedCase(
    "prepared set: " + what, ["inspect", "IN/prepared"] + (verifies ? ["--verify"] : []), code, key
  ) { inputs in
    try inputs.copy(Fixtures.shared().prepared, to: "prepared")
    try change(Inputs(path: inputs("prepared")))
  }
}

private let file = "manifest.json"

private func manifest(_ what: String, _ key: String, _ old: String, _ new: String) -> MalformedCase {
  set("a manifest with " + what, key) { try $0.replace(old, by: new, in: file) }
}

private let manifestCases: [MalformedCase] =
  [
    manifest("another format", "not the manifest", "mmtrain-prepared", "something-else"),
    manifest("a later version", "format version 5", #""version" : 2"#, #""version" : 5"#),
    manifest("a version in quotes", "not the manifest", #""version" : 2"#, #""version" : "2""#),
    manifest("a shard upwards", "is not valid", "shards/train-000000.tar", "shards/../../etc.tar"),
    manifest("a shard elsewhere", "is not valid", "shards/train-000000.tar", "/etc/passwd"),
    manifest("an escape code for a shard", "is not valid", "shards/train-000000.tar", #"shards/\u001b[2J.tar"#),
    manifest("one shard twice", "a shard occurs twice", "shards/validation-000000.tar", "shards/train-000000.tar"),
    manifest(
      "more samples than there are", "index.tsv:8: the split is not train", #""samples" : 6"#, #""samples" : 7"#),
    manifest(
      "fewer samples than there are", "index.tsv:7: the split is not validation", #""samples" : 6"#, #""samples" : 5"#),
    manifest("samples below nothing", "is not valid", #""samples" : 6"#, #""samples" : -6"#),
    manifest("2^63 - 1 samples", "index.tsv:8", #""samples" : 6"#, #""samples" : 9223372036854775807"#),
    manifest("10^20 samples", "manifest.json", #""samples" : 6"#, #""samples" : 100000000000000000000"#),
    manifest("samples in quotes", "samples", #""samples" : 6"#, #""samples" : "6""#),
    manifest("a split that is a path", "is not valid", #""name" : "train""#, #""name" : "../x""#),
    manifest("one split twice", "twice", #""name" : "validation""#, #""name" : "train""#),
    manifest("shards of no split", "manifest.json", #""split" : "train""#, #""split" : "other""#),
    manifest("an index upwards", "is not valid", "index.tsv", "../index.tsv"),
    manifest("an index of another name", "index.tsv is not listed", "index.tsv", "other.tsv"),
    manifest("a column that is none", "columns", #""column" : "captions""#, #""column" : "capshuns""#),
    manifest("a column twice", "are not valid", #""column" : "captions""#, #""column" : "image""#),
    manifest("other captions than the column has", "are not valid", #""captions" : 12"#, #""captions" : 11"#),
    manifest("more samples in a column than there are", "are not valid", #""samples" : 2,"#, #""samples" : 3,"#),
    manifest("columns in version 1", "are not valid", #""version" : 2"#, #""version" : 1"#),
    manifest("no columns", "are not valid", #""columns""#, #""column_s""#),
    manifest("no splits", "splits", #""splits""#, #""split_s""#),
    manifest("no files", "files", #""files""#, #""file_s""#),
    manifest("an open bracket", "not the manifest", "{", "["),
  ]
  + [
    set("a manifest with a shard of another name", code: 66, "train-000009.tar") {
      try $0.replace("shards/train-000000.tar", by: "shards/train-000009.tar", in: file)
    },
    set("a manifest with other counts of columns", "6 values of column image in 6 samples", verifies: true) {
      try $0.replace(#""values" : 6"#, by: #""values" : 7"#, in: file)
    },
    set("a manifest of nothing", "not the manifest") { try $0.write("", to: file) },
    set("a manifest that is a list", "not the manifest") { try $0.write("[]", to: file) },
    set("a manifest cut short", "manifest") { try $0.write(Array(try readFile($0(file)).dropLast(40)), to: file) },
    set("a manifest of a hundred thousand levels", "not the manifest") {
      try $0.write(String(repeating: "[", count: 100_000), to: file)
    },
  ]

/// Changes the index, and the manifest with it, so that the line is what has to be caught.
private func index(
  _ what: String, _ key: String, _ change: @escaping @Sendable (inout [[String]]) -> Void
) -> MalformedCase {
  set("an index with " + what, key) { set in
    let old = try readFile(set("index.tsv"))
    var lines = String(decoding: old, as: UTF8.self).split(separator: "\n").map {
      $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    }
    change(&lines)
    let new = Array(lines.map { $0.joined(separator: "\t") + "\n" }.joined().utf8)
    try set.write(new, to: "index.tsv")
    try set.replace(sha256(old), by: sha256(new), in: file)
    try set.replace(#""bytes" : \#(old.count),"#, by: #""bytes" : \#(new.count),"#, in: file)
  }
}

private let indexCases: [MalformedCase] =
  [
    index("a key that is a path", #"index.tsv:2: key "../x" is not valid"#) { $0[1][0] = "../x" },
    index("an empty key", "is not valid") { $0[1][0] = "" },
    index("a key with an escape code", "is not valid") { $0[1][0] = "\u{1B}[2J" },
    index("one key twice", "occurs a second time") { $0[1][0] = $0[2][0] },
    index("another split", "the split is not train") { $0[1][1] = "test" },
    index("a shard of another split", "belongs to split validation") { $0[1][2] = "1" },
    index("a shard that is not there", "there is no shard 9") { $0[1][2] = "9" },
    index("a negative shard", "field 3 is no number") { $0[1][2] = "-1" },
    index("a photo behind the end", "the image lies outside") { $0[1][3] = "999999999999999" },
    index("an offset of 22 digits", "field 4 is no number") { $0[1][3] = "9999999999999999999999" },
    index("a photo of no bytes", "pixels in 0 bytes") { $0[1][4] = "0" },
    index("a hexadecimal number", "field 5 is no number") { $0[1][4] = "0x10" },
    index("a number with a fraction", "field 5 is no number") { $0[1][4] = "1.5" },
    index("a record behind the end", "the record lies outside") { $0[1][5] = "999999" },
    index("a record of no bytes", "the record lies outside") { $0[1][6] = "0" },
    index("a record of a gigabyte", "the record lies outside") { $0[1][6] = "999999999" },
    index("a photo without width", "a photo of 0×") { $0[1][7] = "0" },
    index("a photo of 65,536 rows", "a photo of") { $0[1][8] = "65536" },
    index("a short hash", "16 hexadecimal digits") { $0[1][9] = "123" },
    index("a hash that is none", "16 hexadecimal digits") { $0[1][9] = "zzzzzzzzzzzzzzzz" },
    index("a hash in capitals", "16 hexadecimal digits") { $0[1][9] = "ABCDEF0123456789" },
    index("a field too many", "11 fields instead of 10") { $0[1].append("more") },
    index("a field too few", "9 fields instead of 10") { $0[1].removeLast() },
    index("a line too few", "the index ends before") { $0.removeLast() },
    index("a line too many", "more lines than samples") { $0.append($0[1]) },
    index("another heading", "the heading is not that of an index") { $0[0][0] = "KEY" },
    index("nothing in it", "the heading is not that of an index") { $0 = [] },
    index("an empty line", "1 fields instead of 10") { $0.insert([""], at: 2) },
  ]
  + [
    set("an index that was changed", "SHA-256 is") { set in
      var bytes = try readFile(set("index.tsv"))
      bytes[bytes.count - 3] = bytes[bytes.count - 3] == 0x30 ? 0x31 : 0x30
      try set.write(bytes, to: "index.tsv")
    },
    set("an index cut short", "instead of") {
      try $0.write(Array(try readFile($0("index.tsv")).dropLast(5)), to: "index.tsv")
    },
    set("no index", code: 66, "index.tsv") { try removeTree($0("index.tsv")) },
  ]

private let shard = "shards/train-000000.tar"

private let shardCases: [MalformedCase] =
  [
    set("no shard", code: 66, shard) { try removeTree($0(shard)) },
    set("a shard cut short", "instead of") { try $0.write(Array(try readFile($0(shard)).dropLast(512)), to: shard) },
    set("a shard of no bytes", "0 bytes instead of") { try $0.write([], to: shard) },
    set("a shard with a tail", "instead of") { try $0.write(try readFile($0(shard)) + [0], to: shard) },
  ]
  + [512, 700, 2000, 3000].map { place in
    set("a shard with byte \(place) turned over", "SHA-256 is", verifies: true) { set in
      var bytes = try readFile(set(shard))
      bytes[place] ^= 1
      try set.write(bytes, to: shard)
    }
  }

/// Changes the record of the one sample of a set, which has regions; new words are as long as the old ones.
private func record(_ what: String, _ key: String, _ old: String, _ new: String) -> MalformedCase {
  MalformedCase("prepared set: a record with " + what, ["inspect", "IN/prepared", "--verify"], 65, key) { inputs in
    let set = Inputs(path: inputs("prepared"))
    let writer = try PreparedDataSetWriter(directory: set.path, description: .init(name: "regions"))
    let regions = try RegionFeatures(features: [0, 1, 2, 3], boxes: [0, 0, 1, 1, 0, 0, 1, 1])
    try writer.add(
      image: testPhoto(0), width: 40, height: 36, record: .init(key: "a", fileName: "a.jpg", split: "train"),
      regions: regions)
    try writer.finish()
    var bytes = try readFile(set(shard))
    let hash = sha256(bytes)
    let place = try #require(Data(bytes).range(of: Data(old.utf8), options: .backwards))
    try #require(new.utf8.count == place.count)
    bytes.replaceSubrange(place, with: new.utf8)
    try set.write(bytes, to: shard)
    try set.replace(hash, by: sha256(bytes), in: file)
  }
}

private let recordCases: [MalformedCase] = [
  record("regions behind the end", "region_boxes.npy lies outside the shard", #""bytes":160"#, #""bytes":9e5"#),
  record(
    "regions further on", "region_boxes.npy lies outside the shard", #""bytes":160,"offset":"#,
    #""bytes":16,"offset":9"#),
  record("regions of no bytes", "region_boxes.npy lies outside the shard", #""bytes":160"#, #""bytes":  0"#),
  record("regions cut short", "a.region_boxes.npy: ", #""bytes":160"#, #""bytes":159"#),
  record("a member of regions that is none", "the record of sample a", "region_boxes.npy\"", "region_boxez.npy\""),
  record("regions that are a list", "the record of sample a", #""regions":{"#, #""regions":["#),
  record("no regions where the manifest has some", "0 values of column regions", #""regions":{"#, #""legions":{"#),
]
