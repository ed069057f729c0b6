import Files
import TestSupport
import Testing

@Suite struct PartialFileTests {
  /// `git hash-object`.
  @Test(arguments: [
    ("", "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"), ("hello\n", "ce013625030ba8dba906f756967f9e9ca394464a"),
  ])
  func gitsNames(text: String, name: String) {
    let hasher = ContentHasher(.gitBlob(name, size: text.utf8.count))
    Array(text.utf8).withUnsafeBytes { hasher.update($0) }
    #expect(hasher.finish() == name)
  }

  @Test func itGrowsAndGetsItsName() throws {
    let place = try TemporaryDirectory()
    for part in ["one ", "two ", "three"] {
      let partial = try PartialFile(place("x.incomplete"))
      try Array(part.utf8).withUnsafeBytes { try partial.append($0) }
    }
    let partial = try PartialFile(place("x.incomplete"))
    var read: [UInt8] = []
    try partial.forEachPart { read += $0 }
    #expect(read == Array("one two three".utf8) && partial.count == 13)
    try partial.commit(to: place("x"))
    #expect(try readFile(place("x")) == read)
    #expect(try directoryEntries(place.path) == ["x"])
  }

  @Test func afterClearingItBeginsAtZero() throws {
    let place = try TemporaryDirectory()
    let partial = try PartialFile(place("x"))
    try [1, 2, 3].withUnsafeBytes { try partial.append($0) }
    try partial.clear()
    try [UInt8(4)].withUnsafeBytes { try partial.append($0) }
    #expect(try readFile(place("x")) == [4])
  }

  @Test func aLockIsFreeAgainWithItsObject() throws {
    let place = try TemporaryDirectory()
    for _ in 0..<2 {
      let lock = try FileLock(place("below/lock"), waiting: { _ in Issue.record("nobody holds it") })
      withExtendedLifetime(lock) {}
    }
    #expect(try directoryEntries(place("below")) == ["lock"])
  }
}
