/// What the bytes of a file must hash to.
public enum ContentDigest: Equatable, Sendable {
  /// 64 hexadecimal digits.
  case sha256(String)
  /// Git's name for a file of `size` bytes, 40 hexadecimal digits: the SHA-1 of `blob SIZE`, a zero byte and the
  /// content. It tells damage; it is no proof against somebody who can make two files share one SHA-1.
  case gitBlob(String, size: Int)
  /// 32 hexadecimal digits. Like git's, it tells damage and not forgery; old data sets have no other.
  case md5(String)

  /// The digits, in lower case.
  public var digits: String {
    switch self {
    case .sha256(let digits), .gitBlob(let digits, _), .md5(let digits): digits.lowercased()
    }
  }
}

/// Hashes a file's bytes as they pass by, in the way its digest was made.
public final class ContentHasher {
  private let digest: StreamingDigest

  /// The hash of no bytes yet.
  public init(_ kind: ContentDigest) {
    switch kind {
    case .sha256:
      digest = StreamingDigest(.sha256)
    case .md5:
      digest = StreamingDigest(.md5)
    case .gitBlob(_, let size):
      digest = StreamingDigest(.sha1)
      Array("blob \(size)\0".utf8).withUnsafeBytes(digest.update)
    }
  }

  /// Takes in the next bytes.
  public func update(_ bytes: UnsafeRawBufferPointer) { digest.update(bytes) }

  /// In lower-case hexadecimal digits. Nothing can be taken in afterwards.
  public func finish() -> String { digest.finish() }
}
