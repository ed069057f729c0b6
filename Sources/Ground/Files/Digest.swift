internal import COpenSSL

/// A SHA-256 that grows with the bytes that pass by.
public final class StreamingSHA256 {
  private let digest = StreamingDigest(.sha256)

  /// The digest of no bytes yet.
  public init() {}

  /// Takes in the next bytes.
  public func update(_ bytes: UnsafeRawBufferPointer) { digest.update(bytes) }

  /// Takes in the next bytes.
  public func update(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { update($0) }
  }

  /// The digest as 64 lower-case hexadecimal digits. Nothing can be taken in afterwards.
  public func finish() -> String { digest.finish() }
}

/// The functions that files are named by. SHA-1 and MD5 tell damage and no more: two files can be made to share one.
enum DigestFunction {
  case md5, sha1, sha256
}

/// The choke point of libcrypto's digests.
final class StreamingDigest {
  private let context: OpaquePointer

  init(_ function: DigestFunction) {
    guard let context = EVP_MD_CTX_new() else { preconditionFailure("out of memory for a digest") }
    self.context = context
    let chosen =
      switch function {
      case .md5: EVP_md5()
      case .sha1: EVP_sha1()
      case .sha256: EVP_sha256()
      }
    precondition(EVP_DigestInit_ex(context, chosen, nil) == 1, "libcrypto refuses \(function)")
  }

  deinit { EVP_MD_CTX_free(context) }

  func update(_ bytes: UnsafeRawBufferPointer) {
    guard let base = bytes.baseAddress else { return }
    precondition(EVP_DigestUpdate(context, base, bytes.count) == 1, "libcrypto refuses \(bytes.count) bytes")
  }

  /// In lower-case hexadecimal digits. Nothing can be taken in afterwards.
  func finish() -> String {
    var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var count: UInt32 = 0
    precondition(EVP_DigestFinal_ex(context, &digest, &count) == 1, "libcrypto cannot finish a digest")
    return hexadecimal(digest.prefix(Int(count)))
  }
}

/// The SHA-256 of `bytes`, as 64 lower-case hexadecimal digits.
public func sha256(_ bytes: UnsafeRawBufferPointer) -> String {
  let digest = StreamingSHA256()
  digest.update(bytes)
  return digest.finish()
}

/// The SHA-256 of `bytes`, as 64 lower-case hexadecimal digits.
public func sha256(_ bytes: [UInt8]) -> String {
  bytes.withUnsafeBytes { sha256($0) }
}

/// The SHA-256 of the file at `path`, which is mapped and not read into memory.
/// - Throws: `FileError` where the file cannot be opened.
public func sha256(ofFile path: String) throws -> String {
  let file = try MappedFile(path)
  return withExtendedLifetime(file) { sha256(file.bytes) }
}

private func hexadecimal(_ bytes: ArraySlice<UInt8>) -> String {
  let digits = Array("0123456789abcdef".utf8)
  return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
}
