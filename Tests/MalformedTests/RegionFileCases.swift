import Files
import Foundation
import TestSupport

/// Files of region features that are not taken, each beside a photo of 40×36 pixels, `a.jpg`.
let regionFileCases: [MalformedCase] = regionTableCases + regionRowCases + regionJSONCases + regionArrayCases

private func regions(
  _ what: String, _ key: String, _ name: String, code: Int32 = 65, _ bytes: @escaping @Sendable () throws -> [UInt8]
) -> MalformedCase {
  // What lies in a folder is named by the folder.
  let place = name.contains("/") ? parentDirectory(of: name) : name
  return MalformedCase(
    "regions: " + what,
    [
      "prepare", "--images", "IN/photos", "--captions", "IN/c.csv", "--regions", "IN/" + place, "--output",
      "IN/prepared",
    ],
    code, key
  ) { inputs in
    try writePhotos(["a.jpg"], in: inputs("photos"))
    try inputs.write("image,caption\na.jpg,a dog\n", to: "c.csv")
    try inputs.write(bytes(), to: name)
  }
}

private func table(_ what: String, _ key: String, _ text: String) -> MalformedCase {
  regions(what, key, "regions.tsv") { Array(text.utf8) }
}

private func base64(_ values: [Float]) -> String { values.withUnsafeBytes { Data($0).base64EncodedString() } }

private func base64(ids values: [Int64]) -> String { values.withUnsafeBytes { Data($0).base64EncodedString() } }

private let sound = ["a", "40", "36", "1", base64([1, 2, 30, 31]), base64([1, 2])]

/// A row of bottom-up attention with one column changed.
private func row(_ what: String, _ key: String, _ column: Int, _ text: String) -> MalformedCase {
  var fields = sound
  fields[column] = text
  let line = fields.joined(separator: "\t")
  // The row stands behind one of a photo that is not there, so that its number is not the first.
  return table(
    "a row with " + what, key, "b" + sound.joined(separator: "\t").dropFirst() + "\n" + line + "\n")
}

private let regionTableCases: [MalformedCase] = [
  table("nothing", "is no table of region features: its first line has 0 columns", ""),
  table("a line of words", "its first line has 1 columns", "image_id,image_w\n"),
  table("four columns", "its first line has 4 columns", "a\tb\tc\td\n"),
  table("a line of tabs", "its first line has 101 columns", String(repeating: "\t", count: 100_000)),
  table("a row with a column too few", "row 2: it has 5 columns", sound.joined(separator: "\t") + "\n1\t2\t3\t4\t5\n"),
  table("a row without a name", "row 1: its first column names no photo", "\t1\t2\t3\t4\t5\n"),
  regions("a name that is not UTF-8", "names no photo", "regions.tsv") { [0xE9] + Array("\t1\t2\t3\t4\t5\n".utf8) },
  regions("a row of 33 MiB", "row 1: it is longer than 33554432 bytes", "regions.tsv") {
    Array("a\t1\t".utf8) + [UInt8](repeating: 0x41, count: 33 << 20)
  },
  regions("a zip archive", "is a zip archive, which is not read", "regions.tsv") { RawZip([.init("a.tsv")]).encoded() },
  regions("a gzip file", "is a gzip file, which is not read", "regions.tsv.gz") { [0x1F, 0x8B, 8, 0] },
  regions("an HDF5 file", "is an HDF5 file, which is not read", "regions.h5") { [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A] },
  regions("a database of LMDB", "is a database of LMDB", "data.mdb") { [0] },
  regions("a folder without any", "holds no region features", "regions/a.txt", code: 66) { [0x61] },
]

private let regionRowCases: [MalformedCase] =
  [
    row("a width of 0", "row 2: “0” × “36” is no size of a picture", 1, "0"),
    row("a width below 0", "is no size", 1, "-40"), row("a width of 70,000", "is no size", 1, "70000"),
    row("a height with a point", "is no size", 2, "36.0"),
    row("no number of regions", "“” is no number of regions", 3, ""), row("no regions", "it has 0 regions", 3, "0"),
    row("a million regions", "it has 1000000 regions", 3, "1000000"),
    row("a number of twenty digits", "is no number of regions", 3, "99999999999999999999"),
    row("a region too many", "row 2: its boxes are 16 bytes, which are no 2×4 of float32", 3, "2"),
    row("a box of three", "its boxes are 12 bytes", 4, base64([1, 2, 3])),
    row("no boxes", "its boxes are 0 bytes", 4, ""),
    row("boxes that are no base64", "its boxes are no base64: byte 3 has the value 33", 4, "AA!A"),
    row("an escape code", "has the value 27", 4, "AA\u{1B}[2J"),
    row("base64 cut short", "its features are base64 that was cut off: 3 characters", 5, "AAA"),
    row("base64 of URLs", "has the value 95", 5, "AA_-"),
    row("base64 with a space", "has the value 32", 5, "AAAA AAAA"),
    row("a wrapper that is not closed", "has the value 39", 5, "b'AAAA"),
    row("five bytes of features", "its features are 5 bytes", 5, "AAAAAAA="),
    row("no features", "its features are 0 bytes", 5, ""),
    row("NaN in the features", "number 2 of region 1 of the features is NaN", 5, base64([0, .nan])),
    row("infinity in the features", "is NaN, infinite or beyond 65,504", 5, base64([-.infinity])),
    row("features beyond float16", "beyond 65,504", 5, base64([0, 0, 65520])),
    row("NaN in a box", "the box of region 1", 4, base64([.nan, 2, 30, 31])),
    row("a box outside to the right", "no part of a picture of 40×36", 4, base64([1, 2, 41.5, 31])),
    row("a box outside to the top", "no part of a picture of 40×36", 4, base64([1, -1.5, 30, 31])),
    row("a box upside down", "no part of a picture", 4, base64([1, 31, 30, 2])),
    row("a box of infinity", "no part of a picture", 4, base64([-.infinity, 2, .infinity, 31])),
  ]
  + [
    table(
      "a row of a photo on its side", "it is of a picture of 36×40, and the photo has 40×36",
      (["a", "36", "40"] + sound[3...]).joined(separator: "\t")),
    table("objects of another number", "its objects_id are 16 bytes, which are no 1×1 of int64", lxmert(ids: [1, 2])),
    table("an object beyond 32 bits", "beyond 32 bits", lxmert(ids: [1 << 32])),
    table("an object below 0", "a number below 0", lxmert(ids: [-1])),
    table("a confidence of 2", "a confidence that is not 0 to 1", lxmert(ids: [1], confidence: 2)),
    table("Oscar's boxes alone", "it has 6 numbers a region", "a\t1\t" + base64([0, 0, 1, 1, 1, 1])),
    table("Oscar's box outside", "the box of region 1", "a\t1\t" + base64([5, 0, 0, 1.1, 1, 1, 1])),
  ]

private func lxmert(ids: [Int64], confidence: Float = 0.5) -> String {
  [
    "a", "36", "40", base64(ids: ids), base64([confidence]), base64(ids: [3]), base64([0.5]), "1", sound[4],
    sound[5],
  ]
  .joined(separator: "\t")
}

private let regionJSONCases: [MalformedCase] = [
  ("no JSON", "row 1: it is not valid JSON", "a cat"), ("JSON cut short", "it is not valid JSON", #"{"objects": ["#),
  ("another object", "neither objects nor num_boxes", "{}"), ("a list", "wrong type", "[]"),
  ("no objects", "it has 0 regions", #"{"objects": []}"#),
  ("no rect", "key objects.0.rect is missing", #"{"objects": [{"feature": "AAAA"}]}"#),
  (
    "a rect of three", "object 1 has a rect of 3 numbers", #"{"objects": [{"rect": [1, 2, 3], "feature": "AAAAAA=="}]}"#
  ),
  ("no feature", "object 1 has no feature", #"{"objects": [{"rect": [1, 2, 3, 4]}]}"#),
  ("a rect with NaN", "objects.0.rect", #"{"objects": [{"rect": [NaN, 2, 3, 4], "feature": "AAAAAA=="}]}"#),
  (
    "a feature that is a list", "objects.0.feature has the wrong type",
    #"{"objects": [{"rect": [1, 2, 3, 4], "feature": [0.5]}]}"#
  ),
  (
    "features of two lengths", "object 2 has a feature of 2 numbers, the first one of 1",
    #"{"objects": [{"rect": [1, 2, 3, 4], "feature": "AAAAAA=="}, {"rect": [1, 2, 3, 4], "feature": "AAAAAAAAAAA="}]}"#
  ),
  ("regions below 0", "it has -1 regions", #"{"num_boxes": -1, "features": "AAAA"}"#),
  ("regions of 2⁶²", "it has 4611686018427387904 regions", #"{"num_boxes": 4611686018427387904, "features": "AAAA"}"#),
  ("brackets without end", "row 1: ", String(repeating: "[", count: 100_000)),
].map { table("VinVL: " + $0.0, $0.1, "a\t" + $0.2) }

// MARK: Arrays

private func npy(_ descr: String, _ shape: String, _ bytes: [UInt8]) -> [UInt8] {
  let header = Array("{'descr': '\(descr)', 'fortran_order': False, 'shape': (\(shape)), }\n".utf8)
  return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.count), 0] + header + bytes
}

private func floats(_ shape: String, _ values: [Float]) -> [UInt8] {
  npy("<f4", shape, values.withUnsafeBytes { Array($0) })
}

private let whole: [(name: String, bytes: [UInt8])] = [
  ("features", floats("2, 1", [1, 2])), ("norm_bb", floats("2, 4", [0, 0, 1, 1, 0, 0, 0.5, 1])),
  ("conf", floats("2,", [0.5, 0.25])),
  ("soft_labels", floats("2, 2", [0, 1, 0.5, 0.5])),
]

/// An `.npz` with one array changed, or left out.
private func arrays(_ what: String, _ key: String, _ name: String, _ bytes: [UInt8]?) -> MalformedCase {
  regions("npz: " + what, key, "regions/a.npz") {
    let others = whole.filter { $0.name != name } + (bytes.map { [(name, $0)] } ?? [])
    return RawZip(others.map { RawZip.Entry($0.name + ".npy", $0.bytes) }).encoded()
  }
}

private let pickle: [UInt8] = [0x80, 4, 0x95, 1, 0, 0, 0, 0, 0, 0, 0, 0x4E, 0x2E]

private let regionArrayCases: [MalformedCase] =
  [
    arrays("no features", "it has no array “features”; what is there: norm_bb.npy", "features", nil),
    arrays("no boxes", "it has no array “norm_bb”", "norm_bb", nil),
    arrays("features of objects", "“features” holds Python objects as a pickle", "features", npy("|O", "2, 1", pickle)),
    arrays("a pickle for features", "“features” holds Python objects as a pickle", "features", pickle),
    arrays(
      "features of integers", "features is int64 [2, 1], and floating-point", "features",
      npy("<i8", "2, 1", [UInt8](repeating: 0, count: 16))),
    arrays("features of one dimension", "features is float32 [2]", "features", floats("2,", [1, 2])),
    arrays("features cut short", "an array [2, 1] of <f4 is not what 4 bytes hold", "features", floats("2, 1", [1])),
    arrays("three features for two boxes", "3 rows of features, and [2, 2, 2]", "features", floats("3, 1", [1, 2, 3])),
    arrays("no rows", "0 rows of features", "features", floats("0, 4", [])),
    arrays("features of no width", "0 numbers of features", "features", floats("2, 0", [])),
    arrays("NaN", "number 1 of region 2 of the features is NaN", "features", floats("2, 1", [1, .nan])),
    arrays("a feature of 65,520", "beyond 65,504", "features", floats("2, 1", [1, 65520])),
    arrays(
      "boxes of five", "norm_bb has 5 numbers a region, not 4 or 6", "norm_bb",
      floats("2, 5", [Float](repeating: 0, count: 10))),
    arrays(
      "boxes in pixels", "the box of region 1 is [0.0, 0.0, 30.0, 20.0]", "norm_bb",
      floats("2, 4", [0, 0, 30, 20, 0, 0, 1, 1])),
    arrays("a box upside down", "the box of region 2", "norm_bb", floats("2, 4", [0, 0, 1, 1, 1, 0, 0, 1])),
    arrays("a confidence of 2", "conf is not from 0 to 1", "conf", floats("2,", [2, 0])),
    arrays("a confidence too few", "2 rows of features, and [2, 1, 2]", "conf", floats("1,", [0.5])),
    arrays(
      "a probability of 2", "class 1 of region 1 has a probability that is not 0 to 1", "soft_labels",
      floats("2, 2", [0, 2, 0, 0])),
    arrays(
      "a header of lists", "text in quotes", "features",
      [0x93] + Array("NUMPY".utf8) + [1, 0, 0x60, 0xEA] + Array("{'descr': ".utf8)
        + [UInt8](repeating: 0x5B, count: 60_000)),
    arrays(
      "a shape of 2⁶⁴ numbers", "is not what 8 bytes hold", "features",
      npy("<f4", "9223372036854775807, 2", [UInt8](repeating: 0, count: 8))),
    regions("npz: cut short", "is not a zip archive", "regions/a.npz") {
      Array(RawZip(whole.map { RawZip.Entry($0.name + ".npy", $0.bytes) }).encoded().dropLast(30))
    },
    regions("npz: a wrong checksum", "is damaged: CRC error", "regions/a.npz") {
      var entries = whole.map { RawZip.Entry($0.name + ".npy", $0.bytes) }
      entries[0].checksum = 1
      return RawZip(entries).encoded()
    },
    regions("npz: an array of 65 MiB", "regions/a.npz", "regions/a.npz") {
      var entry = RawZip.Entry("features.npy")
      entry.size = 65 << 20
      return RawZip([entry]).encoded()
    },
    regions("npz: 65 arrays", "65 entries, more than 64", "regions/a.npz") {
      RawZip((0..<65).map { RawZip.Entry("\($0).npy") }).encoded()
    },
    regions("npy: a pickled dictionary", "holds Python objects as a pickle", "regions/a.npy") { npy("|O", "", pickle) },
    regions("npy: an array alone", "is an array alone, which is not read; write it with its boxes", "a.npy") {
      floats("2, 1", [1, 2])
    },
    regions("npy: cut short", "it is no .npy file", "a.npy") { [0x93, 0x4E] },
  ]
