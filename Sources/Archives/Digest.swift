internal import Crypto
internal import Files

/// A SHA-256 that grows with the bytes that pass by.
public struct StreamingSHA256 {
  private var state = SHA256()

  /// The digest of no bytes yet.
  public init() {}

  /// Takes in the next bytes.
  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    state.update(bufferPointer: bytes)
  }

  /// Takes in the next bytes.
  public mutating func update(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { state.update(bufferPointer: $0) }
  }

  /// The digest so far, as 64 lower-case hexadecimal digits.
  public func finish() -> String {
    hexadecimal(Array(state.finalize()))
  }
}

/// The SHA-256 of `bytes`, as 64 lower-case hexadecimal digits.
public func sha256(_ bytes: UnsafeRawBufferPointer) -> String {
  var digest = StreamingSHA256()
  digest.update(bytes)
  return digest.finish()
}

/// The SHA-256 of `bytes`, as 64 lower-case hexadecimal digits.
public func sha256(_ bytes: [UInt8]) -> String {
  bytes.withUnsafeBytes { sha256($0) }
}

/// The SHA-256 of the file at `path`, which is mapped and not read into memory.
///
/// - Throws: `FileError` where the file cannot be opened.
public func sha256(ofFile path: String) throws -> String {
  let file = try MappedFile(path)
  return withExtendedLifetime(file) { sha256(file.bytes) }
}

private func hexadecimal(_ bytes: [UInt8]) -> String {
  let digits = Array("0123456789abcdef".utf8)
  var text: [UInt8] = []
  text.reserveCapacity(2 * bytes.count)
  for byte in bytes {
    text.append(digits[Int(byte >> 4)])
    text.append(digits[Int(byte & 15)])
  }
  return String(decoding: text, as: UTF8.self)
}
