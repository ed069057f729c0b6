internal import Archives

/// Small limits, so that an archive of many bytes costs no time.
private var limits: ArchiveLimits {
  var limits = ArchiveLimits()
  limits.maximumEntries = 2_000
  limits.maximumEntryBytes = 1 << 22
  limits.maximumTotalBytes = 1 << 24
  return limits
}

/// Walks a zip's directory and expands every entry. Names that are not UTF-8 are guessed in one archive and read as said in
/// another.
func readZip(_ bytes: UnsafeRawBufferPointer) throws {
  try withFile(bytes) { path in
    let encoding = bytes.count % 2 == 0 ? nil : NameEncoding.shiftJIS
    let reader = try ZipReader(path: path, limits: limits, encoding: encoding)
    for entry in reader.entries {
      try require(isSafe(entry.name), "the name \(entry.name.debugDescription) was let through")
      do {
        try require(try reader.read(entry).count == entry.size, "an entry has its size")
      } catch is ArchiveError {
        continue  // damaged data under a sound header: told when it is read
      }
    }
  }
}

/// Walks a tar and reads every entry.
func readTar(_ bytes: UnsafeRawBufferPointer) throws {
  try withFile(bytes) { path in
    let reader = try TarReader(path: path, limits: limits)
    for entry in reader.entries {
      try require(isSafe(entry.name), "the name \(entry.name.debugDescription) was let through")
      try require(entry.range.upperBound <= bytes.count, "an entry lies within the file")
      try require(reader.read(entry).count == entry.range.count, "an entry has its bytes")
    }
  }
}

/// The rule once more, in other words than the room's own.
private func isSafe(_ name: String) -> Bool {
  let parts = name.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
  return !parts.contains { $0.isEmpty || $0.elementsEqual(".".utf8) || $0.elementsEqual("..".utf8) }
    && name.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x5C && $0 != 0x7F }
}
