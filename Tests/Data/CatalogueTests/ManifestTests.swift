import Catalogue
import Documents
import Files
import Reporting
import TestSupport
import Testing

/// What a manifest may say, and what is told about one that is wrong.
@Suite struct ManifestTests {
  static let good = """
    name: mine
    files:
      - name: photos.zip
        role: photos
        urls: [https://example.org/a.zip, "https://mirror.example.org/a.zip"]
        size: 12
        sha256: ABCDEFabcdef0123456789012345678901234567890123456789012345678901
      - role: captions
        urls: https://example.org/x/captions.json?signature=1
        members: a.json
    expected:
      photos: 3
      splits: { train: 2, held_out: 1 }
    known_faults: [one]

    """

  @Test func allOfIt() throws {
    let manifest = try SourceManifest(yaml: Self.good, path: "a.yaml")
    #expect(manifest.name == "mine" && manifest.isFetchable && manifest.size == nil)
    #expect(manifest.files.map(\.name) == ["photos.zip", "captions.json"])
    #expect(manifest.files[0].urls == ["https://example.org/a.zip", "https://mirror.example.org/a.zip"])
    #expect(manifest.files[0].sha256 == "abcdefabcdef0123456789012345678901234567890123456789012345678901")
    #expect(manifest.files[0].size == 12 && manifest.files[1].size == nil && manifest.files[1].members == ["a.json"])
    #expect(manifest.expected.photos == 3 && manifest.expected.captions == nil)
    #expect(manifest.expected.splits.map(\.name) == ["train", "held_out"])
    #expect(manifest.knownFaults == ["one"])
  }

  /// A line of the good manifest, what is in its place, where that is wrong, and what is said.
  @Test(arguments: [
    ("name: mine", "nam: mine", "a.yaml:1:1", "unknown key nam in the manifest; did you mean name?"),
    ("name: mine", "name: ../mine", "a.yaml:1:7", "name must be"),
    ("name: mine", "name: .mine", "a.yaml:1:7", "name must be"),
    ("name: mine", "name: [mine]", "a.yaml:1:7", "name must be a text"),
    ("name: mine", "name:", "a.yaml:1:1", "has no name"),
    ("name: mine", "name: mine\nname: yours", "a.yaml:", "given twice"),
    ("name: mine", "name: &a mine", "a.yaml:1:7", "anchors"),
    ("    size: 12", "    size: 12 MB", "a.yaml:6:11", "size must be a whole number"),
    ("    size: 12", "    size: -1", "a.yaml:6:11", "size must be a whole number"),
    ("    size: 12", "    size: 0", "a.yaml:6:11", "size must be a whole number"),
    ("    size: 12", "    size: 1e3", "a.yaml:6:11", "size must be a whole number"),
    ("    size: 12", "    size: 99999999999999999999", "a.yaml:6:11", "size must be a whole number"),
    ("    size: 12", "    sise: 12", "a.yaml:6:5", "unknown key sise in a file; did you mean size?"),
    ("    sha256: ABCDEF", "    sha256: ABCDE", "a.yaml:7:13", "sha256 must be 64 hexadecimal digits; here are 63"),
    ("    sha256: ABCDEF", "    sha256: GBCDEF", "a.yaml:7:13", "sha256 must be 64 hexadecimal digits"),
    ("    role: photos", "    role: photo", "a.yaml:4:11", "did you mean photos?"),
    ("    role: photos", "    role: photos\n    members: [x]", "a.yaml:5:14", "members are for"),
    ("  - name: photos.zip", "  - name: ../photos.zip", "a.yaml:3:11", "not a path"),
    ("  - name: photos.zip", "  - name: 'a\\b.zip'", "a.yaml:3:11", "not a path"),
    ("  - name: photos.zip", "  - name: \"a/\u{301}b.zip\"", "a.yaml:3:11", "not a path"),
    ("  - name: photos.zip", "  - name: \".\u{301}zip\"", "a.yaml:3:11", "must not begin with a dot"),
    ("  - name: photos.zip", "  - name: .photos", "a.yaml:3:11", "must not begin with a dot"),
    ("  - name: photos.zip", "  - name: photos.zip.bad", "a.yaml:3:11", "must not end in .bad"),
    ("  - name: photos.zip", "  - name: extracted", "a.yaml:3:11", "a folder that mmtrain makes"),
    ("  - name: photos.zip", "  - name: \"a\\e[31m.zip\"", "a.yaml:3:11", "characters that do not print"),
    ("  - name: photos.zip", "  - name: Captions.JSON", "a.yaml:8:5", "would be one file"),
    ("https://example.org/x/captions.json?signature=1", "ftp://example.org/captions.json", "a.yaml:9:11", "no address"),
    ("https://example.org/x/captions.json?signature=1", "file:///etc/passwd", "a.yaml:9:11", "no address"),
    ("https://example.org/x/captions.json?signature=1", "http://example.org/c.json", "a.yaml:9:11", "only with sha256"),
    ("https://example.org/x/captions.json?signature=1", "https://example.org/", "a.yaml:8:5", "no safe file name"),
    (
      "https://example.org/x/captions.json?signature=1", "https://a.org/..%2F..%2Fpasswd", "a.yaml:8:5",
      "no safe file name"
    ),
    ("https://example.org/x/captions.json?signature=1", "https://a.org/%00.json", "a.yaml:8:5", "no safe file name"),
    ("https://example.org/x/captions.json?signature=1", "[]", "a.yaml:9:11", "urls is empty"),
    ("    members: a.json", "    members: x/a.json", "a.yaml:10:14", "not a path"),
    ("  photos: 3", "  photos: three", "a.yaml:12:11", "photos must be a whole number"),
    ("  photos: 3", "  fotos: 3", "a.yaml:12:3", "did you mean photos?"),
    ("  splits: { train: 2, held_out: 1 }", "  splits: [train]", "a.yaml:13:11", "splits must be a group"),
  ])
  func wrong(line: String, other: String, place: String, words: String) throws {
    let text = Self.good.replacing(line, with: other)
    #expect(text != Self.good)
    let error = try #require(throws: ManifestError.self) { try SourceManifest(yaml: text, path: "a.yaml") }
    #expect(error.exitCode == .configuration)
    #expect(error.problems.count == 1, "\(error)")
    #expect(error.problems[0].place.hasPrefix(place) && error.description.contains(words), "\(error)")
    #expect(!error.description.contains("\u{1B}"))
  }

  /// All that is wrong is said at once.
  @Test func severalThings() throws {
    let text = Self.good.replacing("size: 12", with: "size: x").replacing("role: photos", with: "role: y")
    let error = try #require(throws: ManifestError.self) { try SourceManifest(yaml: text, path: "a.yaml") }
    #expect(error.problems.map(\.place) == ["a.yaml:4:11"], "a file without a role is looked at no further")
    let both = Self.good.replacing("photos: 3", with: "photos: x").replacing("role: photos", with: "role: y")
    let two = try #require(throws: ManifestError.self) { try SourceManifest(yaml: both, path: "a.yaml") }
    #expect(two.problems.count == 2 && two.description.hasPrefix("2 things are wrong in the manifest"))
    #expect(throws: ManifestError.self) { try SourceManifest(yaml: "", path: "a.yaml") }
    #expect(throws: ManifestError.self) { try SourceManifest(yaml: "name: x\n", path: "a.yaml") }
    #expect(try SourceManifest(yaml: "name: x\nobtain: ask me\n", path: "a.yaml").isFetchable == false)
  }

  /// 8,192 files of the largest size are more bytes together than a number holds.
  @Test func filesAreNotTooMany() throws {
    func manifest(files: Int) -> String {
      let list = (0..<files).map { "- { role: photos, urls: https://a.org/\($0), size: 1125899906842624 }\n" }
      return "name: many\nfiles:\n" + list.joined()
    }
    #expect(try SourceManifest(yaml: manifest(files: 1_000), path: "a.yaml").size == 1_000 << 50)
    let error = try #require(throws: ManifestError.self) {
      try SourceManifest(yaml: manifest(files: 1_001), path: "a.yaml")
    }
    #expect(error.description.contains("files are 1001, and at most 1000 are taken"))
  }

  @Test func filesThatAreNone() throws {
    let directory = try TemporaryDirectory(inMemory: true)
    try writeAtomically([0xFF, 0xFE, 0x00], to: directory("a.yaml"))
    #expect(throws: ManifestError.self) { try SourceManifest(file: directory("a.yaml")) }
    try writeAtomically([UInt8](repeating: 0x20, count: 2 << 20), to: directory("b.yaml"))
    #expect(throws: FileError.self) { try SourceManifest(file: directory("b.yaml")) }
    #expect(throws: FileError.self) { try SourceManifest(file: directory.path) }
  }
}
