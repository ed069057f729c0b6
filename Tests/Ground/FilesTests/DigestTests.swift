import Files
import Testing

@Suite struct DigestTests {
  /// FIPS 180-4, appendix B.
  @Test func standardVectors() {
    #expect(sha256(Array("abc".utf8)) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(sha256([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
  }

  @Test func piecesEqualTheWhole() {
    let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    let digest = StreamingSHA256()
    var start = 0
    for length in [0, 1, 63, 64, 65, 4096, 50_000] {
      digest.update(Array(bytes[start..<start + length]))
      start += length
    }
    digest.update(Array(bytes[start...]))
    #expect(digest.finish() == sha256(bytes))
  }
}
