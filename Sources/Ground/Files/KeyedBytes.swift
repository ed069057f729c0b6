internal import COpenSSL

/// A secret of 32 bytes, and what follows from it: bytes that nobody can tell from chance who does not know it.
public struct SecretKey: Sendable, Equatable {
  public static let size = 32
  fileprivate let bytes: [UInt8]

  /// From the operating system's entropy.
  public init() {
    var random = SystemRandomNumberGenerator()
    bytes = (0..<Self.size).map { _ in UInt8.random(in: 0...255, using: &random) }
  }

  /// - Parameter bytes: nil is returned for another number than 32 of them.
  public init?(bytes: some Sequence<UInt8>) {
    self.bytes = Array(bytes)
    guard self.bytes.count == Self.size else { return nil }
  }

  /// The bytes themselves, to be kept where nobody else reads them.
  public var exposed: [UInt8] { bytes }

  /// The key of one thing, of which nothing else follows: HMAC-SHA-256 of its name (RFC 2104).
  /// - Parameter path: what it is for, outermost first.
  public func key(for path: [UInt64]) -> SecretKey {
    let message = path.flatMap { part in withUnsafeBytes(of: part.littleEndian, Array.init) }
    var (digest, count) = ([UInt8](repeating: 0, count: Self.size), 0)
    let made = EVP_Q_mac(
      nil, "HMAC", nil, "SHA256", nil, bytes, bytes.count, message, message.count, &digest, digest.count, &count)
    precondition(made != nil && count == Self.size, "libcrypto has no HMAC-SHA-256")
    return SecretKey(derived: digest)
  }

  /// What a secret is known by that does not tell it: 64 hexadecimal digits.
  public var fingerprint: String { sha256(key(for: [UInt64.max]).bytes) }

  private init(derived: [UInt8]) { bytes = derived }
}

extension SecretKey {
  /// Fills a buffer with bytes that follow from the key, from any place on: the key stream of ChaCha20 (RFC 8439, section 2.4).
  ///
  /// - Parameters:
  ///   - output: 2³² blocks are all there are.
  ///   - block: of 64 bytes, the first.
  public func fill(_ output: UnsafeMutableRawBufferPointer, block: Int = 0) {
    precondition(block >= 0 && block + output.count / 64 < 1 << 32, "the key stream ends after 2³² blocks")
    guard let base = output.baseAddress else { return }
    guard let context = EVP_CIPHER_CTX_new() else { preconditionFailure("out of memory for a cipher") }
    defer { EVP_CIPHER_CTX_free(context) }
    // The counter of 32 bits, then a nonce of zeros: each key is of one stream.
    let start = withUnsafeBytes(of: UInt32(block).littleEndian, Array.init) + [UInt8](repeating: 0, count: 12)
    precondition(EVP_EncryptInit_ex2(context, EVP_chacha20(), bytes, start, nil) == 1, "libcrypto has no ChaCha20")
    output.initializeMemory(as: UInt8.self, repeating: 0)
    var (done, made) = (0, Int32(0))
    while done < output.count {
      let next = base.advanced(by: done).assumingMemoryBound(to: UInt8.self)
      let count = Int32(min(output.count - done, 1 << 20))
      precondition(EVP_EncryptUpdate(context, next, &made, next, count) == 1, "libcrypto's ChaCha20 fails")
      done += Int(count)
    }
  }
}

/// Whoever prints a key by mistake prints what it is known by.
extension SecretKey: CustomStringConvertible, CustomReflectable {
  public var description: String { "a key known as \(fingerprint.prefix(16))" }
  public var customMirror: Mirror { Mirror(self, children: [:]) }
}
