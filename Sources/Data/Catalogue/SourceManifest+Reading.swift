internal import Documents
internal import Files
internal import Reporting

extension SourceManifest {
  /// Reads a manifest.
  ///
  /// - Throws: `ManifestError` with all that is wrong, `FileError` where there is no such file.
  public init(file path: String) throws {
    let bytes = try readFile(path, limit: 1 << 20)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw ManifestError(problems: [
        DocumentProblem(path: path, line: 1, column: 1, message: "is not plain UTF-8 text; save it as such")
      ])
    }
    try self.init(yaml: text, path: path)
  }

  /// Reads a manifest's text; `path` is its name in messages.
  ///
  /// - Throws: `ManifestError` with all that is wrong.
  public init(yaml text: String, path: String) throws(ManifestError) {
    let root: DocumentValue
    do {
      root = try readRequiredDocument(text, path: path)
    } catch {
      throw ManifestError(problems: [error])
    }
    var reader = ManifestReader(path: path)
    let manifest = reader.manifest(root)
    guard reader.fields.problems.isEmpty, let manifest else { throw ManifestError(problems: reader.fields.problems) }
    self = manifest
  }
}

/// From a document's values to a manifest.
private struct ManifestReader {
  var fields: FieldReader
  private static let keys = [
    "name", "title", "homepage", "licence", "citation", "obtain", "layouts", "files", "expected", "known_faults",
  ]

  init(path: String) { fields = FieldReader(path: path) }

  mutating func manifest(_ root: DocumentValue) -> SourceManifest? {
    guard let members = fields.members(root, of: "the manifest", keys: Self.keys) else { return nil }
    guard let name = setName(members["name"], root) else { return nil }
    var manifest = SourceManifest(name: name)
    manifest.title = fields.text(members["title"], "title")
    manifest.homepage = url(members["homepage"], "homepage")
    manifest.licence = fields.text(members["licence"], "licence")
    manifest.citation = fields.text(members["citation"], "citation")
    manifest.obtain = fields.text(members["obtain"], "obtain")
    manifest.layouts = fields.texts(members["layouts"], "layouts")?.map(\.text) ?? []
    manifest.knownFaults = fields.texts(members["known_faults"], "known_faults")?.map(\.text) ?? []
    if let value = members["expected"] { manifest.expected = expectations(value) }
    if let value = members["files"] { manifest.files = FileListReader.files(value, &fields) }
    if !manifest.isFetchable, manifest.obtain == nil, fields.problems.isEmpty {
      fields.fail(
        root, "a manifest needs files with one of role photos, or obtain: words that say how to get the archive")
    }
    return manifest
  }

  private mutating func setName(_ value: DocumentValue?, _ root: DocumentValue) -> String? {
    guard let value else {
      if fields.problems.isEmpty {
        fields.fail(root, "the manifest has no name; begin it with a line such as `name: my-photos`")
      }
      return nil
    }
    guard let name = fields.text(value, "name") else { return nil }
    let isPlain = name.utf8.allSatisfy { byte in
      (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte) || "-_.".utf8.contains(byte)
    }
    guard isPlain, name.utf8.count <= 64, !name.hasPrefix("."), !name.hasPrefix("-") else {
      fields.fail(value, "name must be 1 to 64 letters, digits, - _ and ., as it names a folder too")
      return nil
    }
    return name
  }

  private mutating func url(_ value: DocumentValue?, _ key: String) -> String? {
    guard let value, let text = fields.text(value, key) else { return nil }
    guard text.hasPrefix("https://") || text.hasPrefix("http://") else {
      fields.fail(value, "\(key) must begin with https:// or http://")
      return nil
    }
    return text
  }

  private mutating func expectations(_ value: DocumentValue) -> SourceExpectations {
    var expected = SourceExpectations()
    let keys = ["photos", "captions", "captions_per_photo", "splits"]
    guard let members = fields.members(value, of: "expected", keys: keys) else { return expected }
    let range = 0...1_000_000_000
    expected.photos = fields.count(members["photos"], "photos", in: range)
    expected.captions = fields.count(members["captions"], "captions", in: range)
    expected.captionsPerPhoto = fields.count(members["captions_per_photo"], "captions_per_photo", in: 1...10_000)
    guard let splits = members["splits"] else { return expected }
    guard case .group(let entries) = splits.content else {
      fields.fail(splits, "splits must be a group such as { train: 6000, validation: 1000, test: 1000 }")
      return expected
    }
    for entry in entries {
      guard let count = fields.count(entry.value, "splits.\(printable(entry.key))", in: range) else { continue }
      expected.splits.append((entry.key, count))
    }
    return expected
  }
}
