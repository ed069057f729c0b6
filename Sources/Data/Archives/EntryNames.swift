/// The names of one archive's entries in the order in which they come: read as text, tidied, held against the rules and
/// against those that came before.
struct EntryNames {
  let path: String
  /// How names are to be read that are not UTF-8; nil guesses, and says so.
  let encoding: NameEncoding?
  private var clashes = NameClashes()
  private var backslashes = Tally()
  private var asSaid = Tally()
  private var guessed = Tally()
  private var repeated = Tally()

  init(path: String, encoding: NameEncoding?) { (self.path, self.encoding) = (path, encoding) }

  /// The name as a path with single slashes, which ends in one where it names a folder; empty where it names the folder
  /// that the archive is unpacked in itself.
  ///
  /// - Throws: `ArchiveError.unsafeName`.
  mutating func read(_ raw: [UInt8]) throws -> String {
    let text = text(raw)
    let isWindows = text.utf8.contains(backslash)
    if isWindows { backslashes.add(text) }
    let bytes = tidied(isWindows ? text.utf8.map { $0 == backslash ? slash : $0 } : Array(text.utf8))
    if bytes.isEmpty, text.utf8.last == slash || text.utf8.last == backslash { return "" }
    if let problem = nameProblem(bytes) {
      throw ArchiveError.unsafeName(path: path, entry: text, reason: problem)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Takes a name that has been read. A file may come again under the very same name: then the later one counts, as for
  /// unzip, Python and tar.
  ///
  /// - Throws: `ArchiveError.duplicateName` where another name is in the way.
  mutating func take(_ name: String, isDirectory: Bool) throws {
    guard let earlier = clashes.clash(with: name, isDirectory: isDirectory) else { return }
    guard !isDirectory, earlier.utf8.elementsEqual(name.utf8) else {
      throw ArchiveError.duplicateName(path: path, first: earlier, second: name)
    }
    repeated.add(name)
  }

  /// The same name in other bytes, without a word about it.
  func isSame(_ raw: [UInt8], as name: String) -> Bool {
    var others = self
    return (try? others.read(raw)).map { $0.utf8.elementsEqual(name.utf8) } ?? false
  }

  /// What was decided about names.
  var notes: [String] {
    let said = encoding.map { " read as \($0.rawValue)" } ?? ""
    let others =
      encoding.map { ", as they are no text in \($0.rawValue)" }
      ?? "; if that is wrong, name the encoding with --name-encoding shift-jis (or gbk, big5, …), or pack the archive again"
    return [
      backslashes.note(
        "name holds backslashes, which were read as slashes", "names hold backslashes, which were read as slashes"),
      asSaid.note("name is not in UTF-8 and was" + said, "names are not in UTF-8 and were" + said),
      guessed.note(
        "name is not in UTF-8 and was read as CP437", "names are not in UTF-8 and were read as CP437", others),
      repeated.note(
        "file comes again under its name; the last one counts",
        "files come again under their names; the last one counts"),
    ].compactMap(\.self)
  }

  private mutating func text(_ raw: [UInt8]) -> String {
    if let text = String(validating: raw, as: UTF8.self) { return text }
    if let text = encoding?.text(raw) {
      asSaid.add(text)
      return text
    }
    let text = guessedByCodePage437(raw)
    guessed.add(text)
    return text
  }
}

/// The last of the entries of each name, in their order.
func lastOfEach<Entry>(_ entries: [Entry], _ name: (Entry) -> String) -> [Entry] {
  var seen: Set<String> = []
  return entries.reversed().filter { seen.insert(name($0)).inserted }.reversed()
}
