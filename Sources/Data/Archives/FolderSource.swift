internal import Files
internal import Glibc

/// The files of a folder and, if wanted, of all folders below it.
public struct FolderSource: FileSource {
  public let path: String
  public let names: [String]
  public let notes: [String]
  public let leftOut: [LeftOutFile]
  /// Of each name, in the same order. Names that differ in their bytes are two files, also where they are the same letters.
  private let sizes: [Int]

  /// - Throws: `FileError` where there is no such folder, or it cannot be read; `ArchiveError.notAFolder`.
  public init(path: String, isDeep: Bool = true) throws { try self.init(path: path, isDeep: isDeep, notes: []) }

  /// - Parameter notes: what was decided about the folder's files before.
  init(path: String, isDeep: Bool = true, notes: [String]) throws {
    self.path = path
    guard fileExists(path) else { throw FileError.missing(path: path) }
    guard isDirectory(path) else { throw ArchiveError.notAFolder(path: path) }
    var walk = FolderWalk(root: Array(path.utf8), isDeep: isDeep)
    try walk.run()
    let files = walk.files.sorted { byteOrder($0.name, $1.name) }
    (names, sizes) = (files.map(\.name), files.map(\.size))
    self.notes = notes + walk.notes
    leftOut = walk.leftOut.sorted { byteOrder($0.name, $1.name) }
  }

  public func read(_ name: String) throws -> [UInt8] { try readFile(path + "/" + name) }

  public func size(_ name: String) -> Int { names.place(of: name).map { sizes[$0] } ?? 0 }
}

/// One pass over a folder, by the bytes of its names. Links are followed, but no folder is visited twice.
private struct FolderWalk {
  let root: [UInt8]
  let isDeep: Bool
  private(set) var files: [(name: String, size: Int)] = []
  private(set) var leftOut: [LeftOutFile] = []
  private var leftovers = Leftovers()
  private var again = Tally()
  private var visited: Set<[UInt64]> = []

  init(root: [UInt8], isDeep: Bool) { (self.root, self.isDeep) = (root, isDeep) }

  mutating func run() throws {
    if let status = status(root).found { visited.insert(identity(status)) }
    try visit([])
  }

  /// What was decided about the folder, in words.
  var notes: [String] {
    let note = again.note(
      "folder was met a second time through a link and passed over",
      "folders were met a second time through links and passed over")
    return leftovers.notes + [note].compactMap(\.self)
  }

  private mutating func visit(_ folder: [UInt8]) throws {
    for entry in try directoryEntries(folder.isEmpty ? root : root + [slash] + folder) {
      let name = folder.isEmpty ? entry : folder + [slash] + entry
      let (found, code) = status(root + [slash] + name)
      guard let status = found else {
        leave(name, trouble(code))
        continue
      }
      switch status.st_mode & S_IFMT {
      case S_IFDIR: if isDeep { try enter(name, status) }
      case S_IFREG: add(name, Int(status.st_size))
      default: leave(name, "it is no regular file but a device, a pipe or a socket; remove it")
      }
    }
  }

  /// Why a name could not be followed.
  private func trouble(_ code: Int32) -> String {
    [ENOENT, ELOOP].contains(code)
      ? "it is a link that leads nowhere; remove it, or bring what it should lead to"
      : "it cannot be reached (\(String(cString: strerror(code))))"
  }

  /// A folder below that cannot be read is left out; the others are not lost by that.
  private mutating func enter(_ folder: [UInt8], _ status: stat) throws {
    let shown = String(decoding: folder, as: UTF8.self)
    guard visited.insert(identity(status)).inserted else { return again.add(shown) }
    do {
      try visit(folder)
    } catch FileError.system(_, _, let code) {
      leave(folder, "the folder cannot be read (\(String(cString: strerror(code)))); make it readable")
    }
  }

  private mutating func add(_ name: [UInt8], _ size: Int) {
    let shown = String(decoding: name, as: UTF8.self)
    guard leftovers.passes(shown) else { return }
    if shown.utf8.elementsEqual(name) {
      files.append((shown, size))
    } else {
      leave(name, "its name is not UTF-8; rename it, for instance with convmv")
    }
  }

  private mutating func leave(_ name: [UInt8], _ reason: String) {
    let shown = String(decoding: name, as: UTF8.self)
    if leftovers.passes(shown) { leftOut.append(LeftOutFile(name: shown, reason: reason)) }
  }

  /// What a path leads to, or why it leads nowhere.
  private func status(_ path: [UInt8]) -> (found: stat?, code: Int32) {
    var status = stat()
    let code = withPath(path) { stat($0, &status) == 0 ? 0 : errno }
    return (code == 0 ? status : nil, code)
  }

  private func identity(_ status: stat) -> [UInt64] { [UInt64(status.st_dev), UInt64(status.st_ino)] }
}
