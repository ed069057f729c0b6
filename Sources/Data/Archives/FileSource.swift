internal import Files

/// A collection of named files: an archive, a folder, or several of them. Names are relative paths with single slashes.
public protocol FileSource: Sendable {
  /// Sorted by their bytes. What operating systems leave behind is not listed.
  var names: [String] { get }
  /// A file's bytes. Any thread may call this.
  func read(_ name: String) throws -> [UInt8]
  /// A file's length in bytes.
  func size(_ name: String) -> Int
  /// What was decided about the source, each in words for a person.
  var notes: [String] { get }
  /// Files that are there and could not be taken.
  var leftOut: [LeftOutFile] { get }
}

extension FileSource {
  public var notes: [String] { [] }
  public var leftOut: [LeftOutFile] { [] }
}

/// A file of a source that could not be taken.
public struct LeftOutFile: Equatable, Sendable {
  /// Its path in the source as text, which may not be what it is called.
  public let name: String
  /// Why, and what to do, in words.
  public let reason: String

  public init(name: String, reason: String) { (self.name, self.reason) = (name, reason) }
}

/// Counts what is passed over because operating systems left it behind.
struct Leftovers {
  private var tally = Tally()

  /// Whether the file is one of the source's; one that is not is counted.
  mutating func passes(_ name: String) -> Bool {
    if isContent(name) { return true }
    tally.add(name)
    return false
  }

  var notes: [String] {
    let note = tally.note(
      "hidden file, or one that a system left behind, was passed over",
      "hidden files, or such as systems leave behind, were passed over")
    return [note].compactMap(\.self)
  }
}

/// Whether a file is more than what macOS and Windows leave in archives and folders.
private func isContent(_ name: String) -> Bool {
  let components = componentsOfPath(name)
  return !components.contains { $0.utf8.first == UInt8(ascii: ".") || $0 == "__MACOSX" }
    && !["thumbs.db", "desktop.ini"].contains(components.last?.lowercased())
}

/// The order of names by their bytes, the same on every machine.
public func byteOrder(_ a: String, _ b: String) -> Bool { a.utf8.lexicographicallyPrecedes(b.utf8) }

/// The extension of a file's name in lower case, or nothing.
public func extensionOf(_ path: String) -> String {
  let name = lastComponent(of: path)
  return name.lastIndex(of: ".").map { name[name.index(after: $0)...].lowercased() } ?? ""
}

/// Whether a file is a picture by its name; whether it is a JPEG is found out by looking into it.
public func isPictureName(_ path: String) -> Bool {
  ["jpg", "jpeg", "jpe", "jfif", "png", "gif", "webp", "bmp", "tif", "tiff", "heic", "avif"].contains(extensionOf(path))
}

/// Whether a file is sound by its name.
public func isSoundName(_ path: String) -> Bool {
  ["wav", "wave", "flac", "ogg", "oga", "opus", "mp3", "m4a", "aac", "aif", "aiff", "wma"].contains(extensionOf(path))
}

/// Whether a file is a picture or sound by its name.
public func isMediaName(_ path: String) -> Bool { isPictureName(path) || isSoundName(path) }
