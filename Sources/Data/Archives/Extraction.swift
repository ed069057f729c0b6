internal import Files

/// Unpacks an archive into the directory `target`, which appears under its name when all is whole and on the disk. The
/// regular files go in, with mode 644 whatever the archive says; empty directories do not.
///
/// Files come to lie in `target.partial` first. A run that was killed leaves it; the next one compares what is there
/// with the archive byte by byte and writes only what is missing, cut short or different. An archive that is refused
/// leaves nothing. One process at a time: `UnpackingDirectory` sees to it.
///
/// - Parameters:
///   - encoding: how names are read that are not UTF-8; nil guesses.
///   - foldsCase: whether the file system takes no notice of case; nil looks.
///   - progress: called with how many bytes are done, of how many.
/// - Returns: what was decided about the archive, in words. It is kept in `target.notes`, for the runs that find the
///   directory there.
/// - Throws: `ArchiveError`, or `FileError`, which leaves what has been unpacked for the next try.
@discardableResult
package func extract(
  _ path: String, to target: String, limits: ArchiveLimits = ArchiveLimits(), encoding: NameEncoding? = nil,
  foldsCase: Bool? = nil, progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
) throws -> [String] {
  let partial = target + ".partial"
  if isDirectory(target) {
    try removeTree(partial)
    return try keptNotes(of: target)
  }
  var tree = try TreeWriter(partial, foldsCase: foldsCase)
  do {
    let notes =
      switch try archiveKind(path) {
      case .gzip: try tree.unpack(TarStream(path: path, limits: limits, encoding: encoding), path, progress)
      case .tar: try tree.unpack(TarReader(path: path, limits: limits, encoding: encoding), progress)
      case .zip, nil: try tree.unpack(ZipReader(path: path, limits: limits, encoding: encoding), progress)
      }
    if !notes.isEmpty { try writeAtomically(Array(notes.joined(separator: "\n").utf8), to: target + ".notes") }
    try tree.finish(as: target)
    return notes
  } catch {
    tree.abandon()
    if let refusal = error as? ArchiveError, !refusal.leavesWork { try? removeTree(partial) }
    throw error
  }
}

private func keptNotes(of target: String) throws -> [String] {
  guard fileExists(target + ".notes") else { return [] }
  return String(decoding: try readFile(target + ".notes", limit: 1 << 20), as: UTF8.self)
    .split(separator: "\n").map(String.init)
}

extension TreeWriter {
  fileprivate mutating func unpack(
    _ stream: TarStream, _ path: String, _ progress: (Int, Int) -> Void
  ) throws -> [String] {
    try requireSpace(for: path, bytes: stream.claimedSize)
    while let member = try stream.next() {
      progress(stream.progress.done, stream.progress.total)
      if let target = member.target {
        try copy(target, as: member.name)
      } else {
        try begin(member.name, size: member.size)
        while let part = try stream.part() { try write(part) }
        try end()
      }
    }
    progress(stream.progress.total, stream.progress.total)
    return stream.notes
  }

  fileprivate mutating func unpack(_ reader: TarReader, _ progress: (Int, Int) -> Void) throws -> [String] {
    let sizes = reader.entries.map(\.range.count)
    try unpack(reader.path, reader.entries.map(\.name), sizes, progress) { place, write in
      try reader.withBytes(of: reader.entries[place], write)
    }
    return reader.notes
  }

  fileprivate mutating func unpack(_ reader: ZipReader, _ progress: (Int, Int) -> Void) throws -> [String] {
    let sizes = reader.entries.map(\.size)
    try unpack(reader.path, reader.entries.map(\.name), sizes, progress) { place, write in
      try reader.read(reader.entries[place]).withUnsafeBytes(write)
    }
    return reader.notes
  }

  private mutating func unpack(
    _ path: String, _ names: [String], _ sizes: [Int], _ progress: (Int, Int) -> Void,
    bytes: (Int, (UnsafeRawBufferPointer) throws -> Void) throws -> Void
  ) throws {
    let total = sizes.reduce(0, +)
    try requireSpace(for: path, bytes: total)
    var done = 0
    for (place, name) in names.enumerated() {
      progress(done, total)
      try begin(name, size: sizes[place])
      try bytes(place) { try write($0) }
      try end()
      done += sizes[place]
    }
    progress(total, total)
  }
}

extension ArchiveError {
  /// Whether what has been unpacked is good for another try.
  fileprivate var leavesWork: Bool { if case .noSpace = self { true } else { false } }
}
