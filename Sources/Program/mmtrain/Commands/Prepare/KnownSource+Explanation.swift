internal import Catalogue
internal import Files
internal import Reporting

extension KnownSource {
  /// What would be done, from where, and under which terms; nothing is fetched.
  func explained(asJSON: Bool) -> String {
    if asJSON { return document(manifest).document }
    var page = Page()
    page.heading("\(manifest.name): \(manifest.title ?? "a data set")")
    page.add("homepage", manifest.homepage)
    page.add("licence", manifest.licence)
    page.add("cite", manifest.citation)
    for file in manifest.files { page.lines += lines(of: file) }
    if manifest.isFetchable {
      let size = manifest.size.map(sizeInWords) ?? "not known before it comes"
      page.add("size", size + (manifest.size == nil ? "" : " together, and about as much again for the prepared set"))
      page.add("downloads", "\(downloads) (--downloads DIR for another place); what is there already is not fetched")
    }
    page.add("obtain", manifest.obtain)
    page.add("expected", expectations)
    for (place, layout) in manifest.layouts.enumerated() {
      page.add(place == 0 ? "layouts" : "", "\(layout): \(layoutWords[layout] ?? "see docs/data.md")")
    }
    for fault in manifest.knownFaults { page.add("fault", fault) }
    page.add(
      "then",
      "mmtrain prepare \(manifest.name)"
        + (manifest.isFetchable ? "" : " --archive FILE [--captions FILE] [--splits FILE]"))
    page.add("makes", output)
    return page.lines.joined(separator: "\n") + "\n"
  }

  private func lines(of file: SourceFile) -> [String] {
    var page = Page()
    let size = file.size.map(sizeInWords) ?? "size not known"
    let members = file.members.isEmpty ? "" : " (of it: \(file.members.joined(separator: ", ")))"
    page.add("file", "\(file.name), \(size), \(file.role.rawValue)\(members)\(state(of: file))")
    for url in file.urls { page.add("", "from \(url)") }
    let digest =
      file.sha256.map { "SHA-256 \($0)" } ?? file.md5.map { "MD5 \($0); the manifest has no SHA-256" }
      ?? "no digest in the manifest: what comes is taken on trust, and its SHA-256 is shown and kept"
    page.add("", digest)
    return page.lines
  }

  private func state(of file: SourceFile) -> String {
    let path = downloads + "/" + file.name
    if fileExists(path) { return "; is there" }
    guard let bytes = try? treeSize(path + ".incomplete"), bytes > 0 else { return "" }
    return "; \(sizeInWords(bytes)) of it are there"
  }

  private var expectations: String? {
    let expected = manifest.expected
    var parts: [String] = []
    if let photos = expected.photos { parts.append("\(photos) photos") }
    if let captions = expected.captions { parts.append("\(captions) captions") }
    if let captions = expected.captionsPerPhoto { parts.append("\(captions) a photo") }
    parts += expected.splits.map { "\($0.name) \($0.photos)" }
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }
}

/// How the layouts look that a manifest may name.
private let layoutWords = [
  "token": "lines of NAME.jpg#0<TAB>CAPTION, as in results_20130124.token",
  "csv-with-bars": "a heading image_name| comment_number| comment, as in results.csv",
  "csv": "a heading with a photo and a caption column, such as image,caption",
  "karpathy-json": #"{"images": [{"filename": "1.jpg", "split": "train", "sentences": [{"raw": "A dog."}]}]}"#,
  "coco-json": #"{"images": [{"id": 1, "file_name": "1.jpg"}], "annotations": [{"image_id": 1, "caption": "A dog."}]}"#,
]

/// Lines of a name and a text, which is broken between words.
private struct Page {
  var lines: [String] = []

  mutating func heading(_ text: String) { lines.append(printable(text)) }

  mutating func add(_ name: String, _ text: String?) {
    guard let text else { return }
    let indent = String(repeating: " ", count: 13)
    let words = wrapped(text, width: 107)
    let label = "  " + name + String(repeating: " ", count: max(1, 11 - name.count))
    lines.append(label + (words.first ?? ""))
    lines += words.dropFirst().map { indent + $0 }
  }
}

/// Breaks a text between words, so that no line is longer than `width` unless a word is; fit to be printed.
func wrapped(_ text: String, width: Int) -> [String] {
  var lines: [String] = []
  for part in text.split(whereSeparator: \.isWhitespace) {
    let word = printable(part, limit: 1000)
    if let last = lines.last, last.count + word.count < width {
      lines[lines.count - 1] = last + " " + word
    } else {
      lines.append(word)
    }
  }
  return lines
}
