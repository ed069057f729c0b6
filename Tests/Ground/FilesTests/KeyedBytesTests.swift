import Files
import Testing

@Suite struct KeyedBytesTests {
  /// The key stream of an all-zero key and nonce: RFC 8439, appendix A.1, test vectors 1 and 2.
  @Test func theStreamIsThatOfChaCha20() throws {
    let key = try #require(SecretKey(bytes: [UInt8](repeating: 0, count: 32)))
    let first = "76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7"
    let second = "9f07e7be5551387a98ba977c732d080dcb0f29a048e3656912c6533e32ee7aed"
    let stream = bytes(of: key, count: 128)
    #expect(hexadecimal(stream.prefix(32)) == first)
    #expect(hexadecimal(stream[64..<96]) == second)
  }

  /// From any place on, and in any pieces.
  @Test func aStreamIsEnteredAnywhere() throws {
    let key = SecretKey()
    let whole = bytes(of: key, count: 3 << 20)
    #expect(bytes(of: key, block: 5, count: 100) == Array(whole[320..<420]))
    #expect(bytes(of: key, block: (2 << 20) / 64, count: 1 << 20) == Array(whole[(2 << 20)...]))
    #expect(bytes(of: key, count: 0).isEmpty)
  }

  /// HMAC-SHA-256 by Python's hmac module: hmac.new(bytes(range(32)), struct.pack("<2Q", 1, 2), "sha256").
  @Test func keysFollowFromNames() throws {
    let secret = try #require(SecretKey(bytes: (0..<32).map { UInt8($0) }))
    #expect(
      hexadecimal(secret.key(for: [1, 2]).exposed[...])
        == "e2e9952f1ea59c309dd075cb7c84c13b34c8046a869a3a54415d86082f1bf99f")
    #expect(secret.key(for: [1, 2]) != secret.key(for: [2, 1]))
    #expect(secret.key(for: [1]) != secret.key(for: [1, 0]))
    #expect(secret.fingerprint != SecretKey().fingerprint && secret.fingerprint.count == 64)
  }

  @Test func aSecretHasItsSize() {
    #expect(SecretKey(bytes: [1, 2, 3]) == nil)
    #expect(SecretKey() != SecretKey())
  }

  /// Whoever prints one, or what holds it, by mistake.
  @Test func aSecretDoesNotTellItself() throws {
    let key = try #require(SecretKey(bytes: [UInt8](repeating: 171, count: 32)))
    var dumped = ""
    dump([key], to: &dumped)
    for text in ["\(key)", "\([key])", String(reflecting: key), dumped] {
      #expect(!text.contains("171") && !text.contains("abab"), "\(text)")
      #expect(text.contains(key.fingerprint.prefix(16)))
    }
  }

  private func bytes(of key: SecretKey, block: Int = 0, count: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      key.fill(UnsafeMutableRawBufferPointer(buffer), block: block)
      filled = count
    }
  }

  private func hexadecimal(_ bytes: ArraySlice<UInt8>) -> String {
    let digits = Array("0123456789abcdef")
    return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
  }
}
