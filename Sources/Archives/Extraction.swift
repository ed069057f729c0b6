internal import Files

/// Unpacks an archive into the directory `target`, which appears under its name when all is whole and on the disk. The
/// regular files go in, with mode 644 whatever the archive says; empty directories do not.
///
/// Files come to lie in `target.partial` first. A run that was killed leaves it; the next one compares what is there
/// with the archive byte by byte and writes only what is missing, cut short or different. An archive that is refused
/// leaves nothing. One process at a time: `UnpackingDirectory` sees to it.
///
/// - Parameter progress: called with how many bytes are done, of how many.
/// - Throws: `ArchiveError`, or `FileError`, which leaves what has been unpacked for the next try.
package func extract(
  _ path: String, to target: String, limits: ArchiveLimits = ArchiveLimits(),
  progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
) throws {
  let partial = target + ".partial"
  if isDirectory(target) { return try removeTree(partial) }
  var tree = try TreeWriter(partial)
  do {
    switch try archiveKind(path) {
    case .gzip: try tree.unpack(gzippedTar: path, limits, progress)
    case .tar: try tree.unpack(TarReader(path: path, limits: limits), progress)
    case .zip, nil: try tree.unpack(ZipReader(path: path, limits: limits), progress)
    }
    try tree.finish(as: target)
  } catch {
    tree.abandon()
    if let refusal = error as? ArchiveError, !refusal.leavesWork { try? removeTree(partial) }
    throw error
  }
}

extension TreeWriter {
  fileprivate mutating func unpack(
    gzippedTar path: String, _ limits: ArchiveLimits, _ progress: (Int, Int) -> Void
  ) throws {
    let stream = try TarStream(path: path, limits: limits)
    try requireSpace(for: path, bytes: stream.claimedSize)
    while let member = try stream.next() {
      progress(stream.progress.done, stream.progress.total)
      try begin(member.name, size: member.size)
      while let part = try stream.part() { try write(part) }
      try end()
    }
    progress(stream.progress.total, stream.progress.total)
  }

  fileprivate mutating func unpack(_ reader: TarReader, _ progress: (Int, Int) -> Void) throws {
    let sizes = reader.entries.map(\.range.count)
    try unpack(reader.path, reader.entries.map(\.name), sizes, progress) { place, write in
      try reader.withBytes(of: reader.entries[place], write)
    }
  }

  fileprivate mutating func unpack(_ reader: ZipReader, _ progress: (Int, Int) -> Void) throws {
    let sizes = reader.entries.map(\.size)
    try unpack(reader.path, reader.entries.map(\.name), sizes, progress) { place, write in
      try reader.read(reader.entries[place]).withUnsafeBytes(write)
    }
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
