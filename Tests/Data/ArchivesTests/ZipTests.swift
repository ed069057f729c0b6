import Archives
import Files
import Foundation
import TestSupport
import Testing

@Suite struct ZipTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  @Test func whatIsWrittenIsRead() throws {
    let text = Array(String(repeating: "two dogs run. ", count: 500).utf8)
    let noise = (0..<5000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) }
    let writer = try ZipWriter(path: scratch.file("a.zip"))
    try writer.add(name: "set/captions.txt", bytes: text, store: false)
    try writer.add(name: "set/images/ünï.jpg", bytes: noise, store: true)
    try writer.add(name: "empty", bytes: [], store: true)
    #expect(!fileExists(scratch.file("a.zip")), "nothing may be there before the archive is whole")
    try writer.finish()

    let reader = try ZipReader(path: scratch.file("a.zip"))
    #expect(reader.entries.map(\.name) == ["set/captions.txt", "set/images/ünï.jpg", "empty"])
    #expect(reader.entries[0].packedSize < text.count / 10)
    #expect(try reader.read(reader.entries[0]) == text)
    #expect(try reader.read(reader.entries[1]) == noise)
    #expect(try reader.read(reader.entries[2]) == [])
    #expect(reader.entry(named: "empty")?.size == 0)
    #expect(reader.entry(named: "full") == nil)
  }

  @Test func theSameContentGivesTheSameArchive() throws {
    for name in ["a.zip", "b.zip"] {
      let writer = try ZipWriter(path: scratch.file(name))
      try writer.add(name: "one", bytes: [1, 2, 3], store: true)
      try writer.finish()
    }
    #expect(try sha256(ofFile: scratch.file("a.zip")) == sha256(ofFile: scratch.file("b.zip")))
  }

  @Test func theWriterRefusesWhatNoReaderWouldTake() throws {
    let writer = try ZipWriter(path: scratch.file("a.zip"))
    try writer.add(name: "one", bytes: [1], store: true)
    #expect(throws: ArchiveError.self) { try writer.add(name: "../two", bytes: [1], store: true) }
    #expect(throws: ArchiveError.self) { try writer.add(name: "one/two", bytes: [1], store: true) }
  }

  @Test func manyThreadsMayRead() throws {
    let writer = try ZipWriter(path: scratch.file("a.zip"))
    for i in 0..<64 {
      try writer.add(name: "\(i)", bytes: .init(repeating: UInt8(i), count: 3000 + i), store: i % 2 == 0)
    }
    try writer.finish()
    let reader = try ZipReader(path: scratch.file("a.zip"))
    DispatchQueue.concurrentPerform(iterations: 256) { i in
      let entry = reader.entries[i % 64]
      let bytes = try? reader.read(entry)
      #expect(bytes == .init(repeating: UInt8(i % 64), count: 3000 + i % 64))
    }
  }

  @Test(.enabled(if: hasPython, "python3 is not here"))
  func pythonReadsAndWritesTheSame() throws {
    let writer = try ZipWriter(path: scratch.file("a.zip"))
    try writer.add(name: "d/ü.txt", bytes: Array("hello hello hello".utf8), store: false)
    try writer.finish()
    let read = """
      import sys, zipfile
      z = zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None
      print([(i.filename, z.read(i).decode(), oct(i.external_attr >> 16)) for i in z.infolist()])
      """
    #expect(try python(read, scratch.file("a.zip")) == "[('d/ü.txt', 'hello hello hello', '0o100644')]\n")

    let write = """
      import sys, zipfile
      with zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED) as z:
        z.mkdir('photos') if hasattr(z, 'mkdir') else None
        z.writestr('photos/ü.txt', 'x' * 1000)
        with z.open('big', 'w', force_zip64=True) as f: f.write(b'y' * 70000)
        z.comment = b'PK\\x05\\x06 is no end record'
      """
    _ = try python(write, scratch.file("b.zip"))
    let reader = try ZipReader(path: scratch.file("b.zip"))
    #expect(reader.entries.map(\.name) == ["photos/ü.txt", "big"])
    #expect(try reader.read(reader.entries[1]) == .init(repeating: UInt8(ascii: "y"), count: 70000))
  }

  /// Streams (data descriptors) and more entries than 16 bits count (zip64).
  @Test(.enabled(if: hasPython, "python3 is not here"))
  func streamedAndVeryLongArchives() throws {
    let script = """
      import sys, zipfile
      class Pipe:
        def __init__(self, f): self.f = f
        def write(self, b): return self.f.write(b)
        def flush(self): self.f.flush()
      with open(sys.argv[1], 'wb') as f, zipfile.ZipFile(Pipe(f), 'w', zipfile.ZIP_DEFLATED) as z:
        z.writestr('a', 'streamed ' * 9); z.writestr('b', 'bytes')
      with zipfile.ZipFile(sys.argv[2], 'w') as z:
        for i in range(66000): z.writestr(str(i), b'')
      """
    _ = try python(script, scratch.file("a.zip"), scratch.file("b.zip"))
    let streamed = try ZipReader(path: scratch.file("a.zip"))
    #expect(try streamed.read(streamed.entries[1]) == Array("bytes".utf8))
    #expect(try ZipReader(path: scratch.file("b.zip")).entries.count == 66000)
    var limits = ArchiveLimits()
    limits.maximumEntries = 65_999
    let failure = #expect(throws: ArchiveError.self) { try ZipReader(path: scratch.file("b.zip"), limits: limits) }
    guard case .tooLarge = failure else { throw failure ?? ArchiveError.missingEntry(path: "", entry: "") }
  }
}
