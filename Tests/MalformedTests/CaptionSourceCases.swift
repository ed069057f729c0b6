import TestSupport

/// Folders whose files do not say which of them are the captions, or what their captions are.
let captionSourceCases: [MalformedCase] = [
  folder("captions in two languages", 65, "captions_de.csv and captions_en.csv both look like captions") {
    try $0.write("image,caption\na.jpg,ein Hund\nb.jpg,eine Katze\n", to: "photos/captions_de.csv")
    try $0.write("image,caption\na.jpg,a dog\nb.jpg,a cat\n", to: "photos/captions_en.csv")
  },
  folder("columns in two languages", 66, "“caption_de”, “caption_en” all look like captions") {
    try $0.write("image,caption_de,caption_en\na.jpg,ein Hund,a dog\nb.jpg,x y,a b\n", to: "photos/captions.csv")
  },
  folder("numbers alone", 66, "labels.csv: column 2 holds “0” and the like, no captions") {
    try $0.write("a.jpg,0\nb.jpg,1\n", to: "photos/labels.csv")
  },
  folder("boxes beside photos", 66, "holds “0 0.5 0.5 0.1 0.1” and the like") {
    for name in ["a", "b"] { try $0.write("0 0.5 0.5 0.1 0.1\n", to: "photos/\(name).txt") }
  },
  folder("broken JSON beside photos", 65, "a.json:1: it is not valid JSON at line 1, column 13") {
    for name in ["a", "b"] { try $0.write("{\"caption\": }", to: "photos/\(name).json") }
  },
  folder("commas without quotes", 66, "put captions that hold a comma in double quotes") {
    try $0.write("a.jpg,a dog, a cat\nb.jpg,two, three, four\n", to: "photos/captions.csv")
  },
  folder("a list that is cut off", 65, "a list of captions that is not closed") {
    try $0.write("image,captions\na.jpg,\"['a dog', 'a cat'\"\nb.jpg,['x y']\n", to: "photos/captions.csv")
  },
  folder("a row without a split", 65, "b.jpg: its split is missing") {
    try $0.write("image,caption,split\na.jpg,a dog,train\nb.jpg,a cat,\n", to: "photos/captions.csv")
  },
  folder("a row with a split of slashes", 65, "“../etc” cannot name a split") {
    try $0.write("image,caption,split\na.jpg,a dog,train\nb.jpg,a cat,../etc\n", to: "photos/captions.csv")
  },
  folder(
    "JSON with a word for a number", 65, "line 2, column 15: “two” is no value", ["--captions", "IN/photos/c.json"]
  ) {
    try $0.write("{\"images\": [],\n\"id\": 1, \"x\": two}", to: "photos/c.json")
  },
  folder("a table of parquet", 66, "train.parquet: a table in a form that is not read here") {
    try $0.write("PAR1\u{0}PAR1", to: "photos/train.parquet")
  },
  folder("no folders of splits", 66, "has no folders of splits", ["--splits", "folders"]) {
    try $0.write("image,caption\na.jpg,a dog\nb.jpg,a cat\n", to: "photos/captions.csv")
  },
  MalformedCase(
    "captions: an archive in a folder without photos", ["prepare", "--images", "IN/photos", "--output", "IN/out"], 66,
    "photos.zip: an archive in the source stays closed"
  ) { try $0.write("PK", to: "photos/photos.zip") },
]

/// A folder with two photos and what else is written there.
private func folder(
  _ what: String, _ code: Int32, _ key: String, _ options: [String] = [],
  _ make: @escaping @Sendable (Inputs) throws -> Void
) -> MalformedCase {
  MalformedCase("captions: " + what, ["prepare", "--images", "IN/photos", "--output", "IN/out"] + options, code, key) {
    try writePhotos(["a.jpg", "b.jpg"], in: $0("photos"))
    try make($0)
  }
}
