internal import CXXHash

/// XXH3 of `bytes`: as fast as memory, and changed by any changed bit with all but 2⁻⁶⁴ certainty. It tells damage, and is
/// no protection against somebody who wants two contents to look alike: that is `sha256`.
public func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
  XXH3_64bits(bytes.baseAddress, bytes.count)
}

/// The same of the file at `path`, which is mapped and not read into memory.
/// - Throws: `FileError` where the file cannot be opened.
public func checksum(ofFile path: String) throws -> UInt64 {
  let file = try MappedFile(path)
  return withExtendedLifetime(file) { checksum(file.bytes) }
}
