import Foundation
import TestSupport

/// Caption files of which so much is unfit that no data set is made.
let captionCases: [MalformedCase] =
  layoutCases + rowCases + karpathyCases + tokenFileCases + missingCases + barCases

private func captions(
  _ what: String, _ key: String, file: String = "c.csv", _ text: String, _ code: Int32 = 65
) -> MalformedCase {
  captions(what, key, file: file, bytes: Array(text.utf8), code)
}

private func captions(
  _ what: String, _ key: String, file: String = "c.csv", bytes: [UInt8], _ code: Int32 = 65
) -> MalformedCase {
  MalformedCase(
    "captions: " + what,
    ["prepare", "--images", "IN/photos", "--captions", "IN/captions/" + file, "--output", "IN/prepared"], code, key
  ) { inputs in
    try writePhotos(["a.jpg", "b.jpg"], in: inputs("photos"))
    try inputs.write(bytes, to: "captions/" + file)
  }
}

private let layoutCases: [MalformedCase] = [
  captions("nothing", "not a caption file of a known layout", ""),
  captions("a byte order mark alone", "not a caption file", "\u{FEFF}"),
  captions("another heading", "it begins “photo,words”", "photo,words\na.jpg,a dog\n"),
  captions("an escape code for a heading", #"\u{1b}[2J"#, "\u{1B}[2J\n"),
  captions("a web page", "not a caption file", "<!DOCTYPE html>\n"),
  captions("UTF-16", "c.csv", bytes: [0xFF, 0xFE] + Array("image,caption\n".utf8).flatMap { [$0, 0] }),
  captions("a photo", "not a caption file", bytes: [0xFF, 0xD8, 0xFF, 0xE0]),
  captions("a heading of one mebibyte", "not a caption file", String(repeating: "x", count: 1 << 20)),
]

/// A row among sound ones: `what` is wrong with it.
private func row(_ what: String, _ key: String, _ row: String) -> MalformedCase {
  captions("a row " + what, key, "image,caption\na.jpg,a dog\nb.jpg,a cat\n" + row + "\n")
}

private let rowCases: [MalformedCase] = [
  row("of one field", "the heading has 2", "a.jpg"),
  row("of three fields", "the heading has 2", "a.jpg,a dog,in a park"),
  row("without a name", "the photo's name is empty", ",a dog"),
  row("with an empty caption", "is empty", "a.jpg,"),
  row("with a caption of blanks", "is empty", "a.jpg,   "),
  row("with a NUL", "it holds a NUL byte", "a.jpg,a\u{0}dog"),
  row("whose quote never closes", "a quote is never closed", "a.jpg,\"a dog"),
  row("that goes on behind a quote", "goes on behind its closing quote", "a.jpg,\"a\" dog"),
  row("of a photo that is not there", "none.jpg", "none.jpg,a dog"),
  row("with a path upwards", "passwd", "../../etc/passwd,a dog"),
  row("with an escape code", #"\u{1b}"#, "\u{1B}[2J.jpg,a dog"),
  row("of one mebibyte", "bytes", "a.jpg," + String(repeating: "x", count: 1 << 20)),
  captions(
    "a row that is not UTF-8", "it is not UTF-8",
    bytes: Array("image,caption\na.jpg,caf".utf8) + [0xE9] + Array("\nb.jpg,a cat\n".utf8)),
  captions("one number twice", "comes a second time", "image,number,caption\na.jpg,0,one\na.jpg,0,two\nb.jpg,0,x\n"),
  captions("a heading and no rows", "no photo is left", "image,caption\n"),
]

private let karpathyCases: [MalformedCase] =
  [
    ("an open brace", "{", "it is not valid JSON"), ("no images", "{}", "key images is missing"),
    ("images that are a group", #"{"images":{}}"#, "wrong type"),
    ("images that are null", #"{"images":null}"#, "images"),
    ("a list", "[]", "c.json"), ("two commas", #"{"images":[,,]}"#, "c.json"),
    ("an image that is a number", #"{"images":[1]}"#, "images[0]"),
    ("an image without a name", #"{"images":[{"sentences":[{"raw":"x"}]}]}"#, "filename is missing"),
    ("an empty name", #"{"images":[{"filename":"","sentences":[]}]}"#, "file name is empty"),
    ("a name that is a number", #"{"images":[{"filename":1,"sentences":[]}]}"#, "1: there is no photo of this name"),
    ("sentences that are text", #"{"images":[{"filename":"a.jpg","sentences":"x"}]}"#, "sentences"),
    ("a sentence that is text", #"{"images":[{"filename":"a.jpg","sentences":["x"]}]}"#, "sentences"),
    (
      "a photo twice", #"{"images":[{"filename":"a.jpg","sentences":[{"raw":"x"}]},{"filename":"a.jpg"}]}"#,
      "a second time"
    ),
    ("a sentence of nothing", #"{"images":[{"filename":"a.jpg","sentences":[{"raw":""}]}]}"#, "is empty"),
    ("a split that is a number", #"{"images":[{"filename":"a.jpg","split":1,"sentences":[{"raw":"x"}]}]}"#, "split"),
    (
      "a split that is a path", #"{"images":[{"filename":"a.jpg","split":"../x","sentences":[{"raw":"x"}]}]}"#,
      "cannot name a split"
    ),
    ("lists of a hundred thousand levels", #"{"images":"# + String(repeating: "[", count: 100_000), "c.json"),
    ("groups of a hundred thousand levels", String(repeating: #"{"images":"#, count: 100_000), "c.json"),
    ("half a surrogate pair", #"{"images":[{"filename":"\ud800","sentences":[]}]}"#, "c.json"),
  ].map { what, text, key in captions("Karpathy JSON with " + what, key, file: "c.json", text) }

private let tokenFileCases: [MalformedCase] = [
  captions("a token without a tab", "no tab between name and caption", file: "c.token", "a.jpg#0\ta dog\nbroken\n"),
  captions("a token without a number", "does not end in #", file: "c.token", "a.jpg#0\ta dog\nb.jpg\ta cat\n"),
  captions("a token of a long number", "does not end in #", file: "c.token", "a.jpg#0\ta dog\nb.jpg#1234567\ta cat\n"),
  captions("a token with a negative number", "does not end in #", file: "c.token", "a.jpg#0\ta dog\nb.jpg#-1\ta cat\n"),
  captions("a token twice", "comes a second time", file: "c.token", "a.jpg#0\ta dog\na.jpg#0\ta cat\nb.jpg#0\tx\n"),
  captions("a token of nothing", "is empty", file: "c.token", "a.jpg#0\ta dog\nb.jpg#0\t\n"),
  captions("a token without a name", "the photo's name is empty", file: "c.token", "a.jpg#0\ta dog\n#0\ta cat\n"),
]

private let barCases: [MalformedCase] = [
  captions(
    "bars with a field too few", "fields instead of 3 between bars", file: "results.csv",
    "image_name| comment_number| comment\na.jpg| 0   a dog\nb.jpg| 0| a cat\n"),
  captions(
    "bars without a number", "the caption's number is no number", file: "results.csv",
    "image_name| comment_number| comment\na.jpg| x| a dog\nb.jpg| 0| a cat\n"),
  captions(
    "bars of nothing", "is empty", file: "results.csv",
    "image_name| comment_number| comment\na.jpg| 0|\nb.jpg| 0| a cat\n"),
]

private let missingCases: [MalformedCase] = [
  MalformedCase(
    "captions: none there", ["prepare", "--images", "IN/photos", "--captions", "IN/none.csv", "--output", "IN/out"], 66,
    "none.csv"
  ) { try writePhotos(["a.jpg"], in: $0("photos")) },
  MalformedCase(
    "captions: not named and not found", ["prepare", "--images", "IN/photos", "--output", "IN/out"], 66,
    "--captions FILE"
  ) { try writePhotos(["a.jpg"], in: $0("photos")) },
  MalformedCase(
    "photos: an empty folder", ["prepare", "--images", "IN/photos", "--output", "IN/out"], 66, "holds no photos"
  ) {
    try FileManager.default.createDirectory(atPath: $0("photos"), withIntermediateDirectories: true)
  },
  MalformedCase(
    "photos: no folder there", ["prepare", "--images", "IN/none", "--output", "IN/out"], 66, "none: no such file"
  ) {
    _ in
  },
]

/// Files that divide photos into splits.
let splitCases: [MalformedCase] = [
  split("nothing", "not a split file of a known layout", ""),
  split("a word", "not a split file", "train\n"),
  split("no split in any column", "not a split file", "a.jpg,b.jpg\n"),
  split("a photo in two", "it is in train and in test", "a.jpg\ttrain\nb.jpg\ttrain\na.jpg\ttest\n"),
  split("an open brace", "it is not valid JSON", "{"),
  split("JSON of another kind", "images is missing", #"{"colours":["a.jpg"]}"#),
  split("not UTF-8", "s.txt", bytes: [0xFF, 0xFE, 0x00]),
  split("photos that are not there", "no photo is left", "x.jpg\ttrain\ny.jpg\ttest\n"),
  MalformedCase("splits: none there", splitCommand, 66, "s.txt") { try sources($0) },
]

private let splitCommand = [
  "prepare", "--images", "IN/photos", "--captions", "IN/captions/c.csv", "--splits", "IN/splits/s.txt", "--output",
  "IN/out",
]

private func split(_ what: String, _ key: String, _ text: String) -> MalformedCase {
  split(what, key, bytes: Array(text.utf8))
}

private func split(_ what: String, _ key: String, bytes: [UInt8]) -> MalformedCase {
  MalformedCase("splits: " + what, splitCommand, 65, key) { inputs in
    try sources(inputs)
    try inputs.write(bytes, to: "splits/s.txt")
  }
}

private func sources(_ inputs: Inputs) throws {
  try writePhotos(["a.jpg", "b.jpg"], in: inputs("photos"))
  try inputs.write("image,caption\na.jpg,a dog\nb.jpg,a cat\n", to: "captions/c.csv")
}
