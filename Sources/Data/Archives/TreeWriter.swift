internal import Files
internal import Glibc

/// Writes the files of an archive into a directory that may hold some of them already. Each is written under another
/// name and moved to its own when it is complete; one that is there is compared, and replaced only where it differs.
///
/// Names have passed the gates. Even so every directory is opened from the descriptor of the one above it, and no link
/// is followed: what somebody else puts in the way is an error and no way out.
struct TreeWriter {
  private let root: DirectoryHandle
  /// Where the files come to lie; everything below it is the archive's.
  private let tree: DirectoryHandle
  /// The directory of the last file: archives mostly have their files together.
  private var directory: DirectoryHandle
  private var directoryName = ""
  private var member: Member?
  /// How names are spelt, by their lower case, where the file system takes no notice of case; nil where it does.
  private var spellings: [String: String]?
  /// Files that were written, and files that were there already.
  private(set) var counts = (written: 0, kept: 0)

  /// The name under which a file is written.
  private static let unfinished = "unfinished"

  private struct Member {
    let name: String
    /// What was there, as long as it is the same as what came.
    var earlier: MappedFile?
    var compared = 0
    var writer: FileWriter?
  }

  /// - Parameters:
  ///   - path: of the directory, which is made where it is missing.
  ///   - foldsCase: whether names that differ in case alone are one file there; nil looks.
  init(_ path: String, foldsCase: Bool? = nil) throws {
    try makeDirectory(path)
    root = try DirectoryHandle(path)
    tree = try DirectoryHandle("tree", in: root)
    directory = tree
    try root.remove(Self.unfinished)
    spellings = try foldsCase ?? root.foldsCase(probe: Self.unfinished) ? [:] : nil
  }

  /// Begins the file `name`, of which `size` bytes are to come.
  ///
  /// - Throws: `ArchiveError.duplicateName` where the file system would take it for another one.
  mutating func begin(_ name: String, size: Int) throws {
    let components = componentsOfPath(name)
    if let other = spellings?.updateValue(name, forKey: name.lowercased()), !other.utf8.elementsEqual(name.utf8) {
      throw ArchiveError.duplicateName(path: root.path, first: other, second: name)
    }
    try enter(components.dropLast())
    let earlier = try MappedFile(existing: components[components.count - 1], in: directory)
    member = Member(name: components[components.count - 1], earlier: earlier?.bytes.count == size ? earlier : nil)
    if member?.earlier == nil { member?.writer = try FileWriter(creating: Self.unfinished, in: root) }
  }

  /// The next bytes of the file.
  mutating func write(_ bytes: UnsafeRawBufferPointer) throws {
    guard member != nil else { preconditionFailure("no file has been begun") }
    if let earlier = member?.earlier, let compared = member?.compared {
      let there = earlier.bytes[compared..<min(earlier.bytes.count, compared + bytes.count)]
      if isEqual(UnsafeRawBufferPointer(rebasing: there), bytes) {
        member?.compared += bytes.count
        return
      }
      member?.writer = try FileWriter(creating: Self.unfinished, in: root)
      try member?.writer?.write(UnsafeRawBufferPointer(rebasing: earlier.bytes[..<compared]))
      member?.earlier = nil
    }
    try member?.writer?.write(bytes)
  }

  /// All bytes of the file have come.
  mutating func end() throws {
    guard var done = member else { preconditionFailure("no file has been begun") }
    member = nil
    guard done.writer != nil else {
      counts.kept += 1
      return
    }
    try done.writer?.finish(isDurable: false)
    try root.move(Self.unfinished, to: directory, as: done.name)
    counts.written += 1
  }

  /// Gives a file of the tree that is whole a second name, under which its bytes are written once more.
  mutating func copy(_ earlier: String, as name: String) throws {
    let components = componentsOfPath(earlier)
    try enter(components.dropLast())
    guard let file = try MappedFile(existing: components[components.count - 1], in: directory) else {
      throw FileError.missing(path: tree.path + "/" + earlier)
    }
    try begin(name, size: file.bytes.count)
    try withExtendedLifetime(file) { try write(file.bytes) }
    try end()
  }

  /// Lets the file go that has been begun.
  mutating func abandon() { member?.writer?.abandon() }

  /// Makes the tree durable, gives it its final name, and removes what was around it.
  func finish(as target: String) throws {
    try tree.synchronizeFileSystem()
    try moveFile(tree.path, to: target)
    try removeTree(root.path)
  }

  /// Refuses to begin what cannot end for want of space. Files that are there already take no more.
  func requireSpace(for archive: String, bytes: Int) throws {
    let needed = max(0, bytes - (try treeSize(tree.path)))
    let available = try freeSpace(in: root.path)
    guard needed <= available else {
      throw ArchiveError.noSpace(path: archive, place: root.path, needed: needed, available: available)
    }
  }

  private mutating func enter(_ components: ArraySlice<String>) throws {
    let name = components.joined(separator: "/")
    if name == directoryName { return }
    directory = try components.reduce(tree) { try DirectoryHandle($1, in: $0) }
    directoryName = name
  }
}

private func isEqual(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool {
  guard a.count == b.count, let first = a.baseAddress, let second = b.baseAddress else { return a.count == b.count }
  return memcmp(first, second, a.count) == 0
}
