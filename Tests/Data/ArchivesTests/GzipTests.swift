import Archives
import Files
import TestSupport
import Testing

/// gzip around a tar: whole or refused.
@Suite struct GzipTests {
  let scratch: Scratch
  private let tar = RawTar([.init("a", [1, 2]), .init("b/c", .init(repeating: 7, count: 2000))]).encoded()

  init() throws { scratch = try Scratch(inMemory: true) }

  /// The unpacked files, or the refusal's sentence.
  private func unpack(_ bytes: [UInt8]) throws -> Result<[String: [UInt8]], ArchiveError> {
    let out = scratch.file("out")
    try removeTree(out)
    do {
      try extract(scratch.file("a.tar.gz", bytes), to: out)
    } catch let error as ArchiveError {
      #expect(!fileExists(out) && !fileExists(out + ".partial"))
      return .failure(error)
    }
    let source = try FolderSource(path: out)
    return .success(Dictionary(uniqueKeysWithValues: try source.names.map { ($0, try source.read($0)) }))
  }

  private let content: [String: [UInt8]] = ["a": [1, 2], "b/c": .init(repeating: 7, count: 2000)]

  private func refusal(_ bytes: [UInt8]) throws -> String {
    switch try unpack(bytes) {
    case .success(let files): "taken: \(files.keys)"
    case .failure(let error): error.description
    }
  }

  @Test func packedStoredAndInSeveralMembers() throws {
    #expect(try unpack(gzip(tar)).get() == content)
    #expect(try unpack(gzip(tar, isPacked: true)).get() == content)
    let members = try gzip(Array(tar[..<700])) + gzip([]) + gzip(Array(tar[700...]), isPacked: true)
    #expect(try unpack(members).get() == content)
  }

  @Test func headerFieldsAreSkipped() throws {
    // Extra field, name, comment and header checksum (flags 4, 8, 16, 2).
    var bytes = try gzip(tar)
    bytes[3] = 4 | 8 | 16
    bytes.insert(contentsOf: word16(3) + [1, 2, 3] + Array("name.tar\0note\0".utf8), at: 10)
    #expect(try unpack(bytes).get() == content)
  }

  @Test func checksumAndLength() throws {
    let whole = try gzip(tar)
    for place in [whole.count - 8, whole.count - 5] {
      var bytes = whole
      bytes[place] ^= 1
      #expect(try refusal(bytes).contains("incorrect data check"))
    }
    for place in [whole.count - 4, whole.count - 1] {
      var bytes = whole
      bytes[place] ^= 1
      #expect(try refusal(bytes).contains("incorrect length check"))
    }
  }

  @Test func whatFollowsTheEnd() throws {
    let whole = try gzip(tar)
    #expect(try refusal(whole + Array("garbage".utf8)).contains("7 bytes follow its end"))
    #expect(try refusal(whole + [0x1F, 0x8B]).contains("ends early"))
    #expect(try refusal(whole + [0, 0, 7]).contains("1 bytes follow its end"))
    #expect(try refusal(whole + [0, 0x1F, 0x8B]).contains("ends early"))
  }

  /// Zeros fill up a file on a tape; they may stand between members as well.
  @Test func zerosBetweenAndBehind() throws {
    let zeros = [UInt8](repeating: 0, count: 700)
    let members = try gzip(Array(tar[..<700])) + zeros + gzip(Array(tar[700...]), isPacked: true)
    for bytes in [try gzip(tar) + [0], members, members + zeros, try gzip(tar) + gzip(zeros)] {
      #expect(try unpack(bytes).get() == content)
    }
  }

  /// Cut anywhere, or with any byte turned over, it is refused, or (where the bit
  /// means nothing, as the time in the header) gives the same files.
  @Test func everyCutAndEveryFlip() throws {
    let whole = try gzip(tar, isPacked: true)
    for length in 2..<whole.count {
      let text = try refusal(Array(whole[..<length]))
      #expect(text.contains("ends early"))
    }
    for place in 2..<whole.count {
      for bit in [0, 2, 5, 7] {
        var damaged = whole
        damaged[place] ^= 1 << bit
        if case .success(let files) = try unpack(damaged) {
          #expect(files == content)
        }
      }
    }
  }

  @Test func otherKindsAreNamed() throws {
    for (bytes, word) in [([0x42, 0x5A, 0x68, 0x39], "bzip2"), ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0], "xz")]
      as [([UInt8], String)]
    {
      #expect(try refusal(bytes).contains("a \(word)") || refusal(bytes).contains("an \(word)"))
    }
  }
}
