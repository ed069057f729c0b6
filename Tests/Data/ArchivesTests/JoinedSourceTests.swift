import Archives
import Files
import Reporting
import Testing

@Suite struct JoinedSourceTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private func zip(_ name: String, _ files: [(String, [UInt8])]) throws -> String {
    let writer = try ZipWriter(path: scratch.file(name))
    for (file, bytes) in files { try writer.add(name: file, bytes: bytes, store: true) }
    try writer.finish()
    return scratch.file(name)
  }

  private func joined(_ paths: [String]) throws -> JoinedSource {
    try JoinedSource(paths.map { ($0, try openSource($0, takesFiles: true)) })
  }

  @Test func anArchiveAFolderAndAFileAreOneSource() throws {
    let photos = try zip("photos.zip", [("images/b.jpg", [1, 2]), ("images/a.jpg", [3])])
    try makeDirectory(scratch.file("text"))
    _ = try scratch.file("text/train.txt", Array("a.jpg\n".utf8))
    let captions = try scratch.file("dataset_coco.json", Array("{}".utf8))
    let source = try joined([photos, scratch.file("text"), captions])
    #expect(source.names == ["dataset_coco.json", "images/a.jpg", "images/b.jpg", "train.txt"])
    #expect(try source.read("images/b.jpg") == [1, 2] && source.size("images/b.jpg") == 2)
    #expect(try source.read("train.txt") == Array("a.jpg\n".utf8) && source.read("dataset_coco.json").count == 2)
    #expect(source.size("none") == 0)
    #expect(throws: ArchiveError.self) { try source.read("none") }
  }

  @Test func equalCopiesCountOnceAndDifferentOnesAreRefused() throws {
    let first = try zip("first.zip", [("README.txt", [1, 2]), ("a.jpg", [1])])
    let same = try zip("same.zip", [("README.txt", [1, 2]), ("b.jpg", [1])])
    #expect(try joined([first, same]).names == ["README.txt", "a.jpg", "b.jpg"])
    for other in [[1, 3], [1, 2, 3]] as [[UInt8]] {
      let different = try zip("different.zip", [("README.txt", other)])
      let error = #expect(throws: ArchiveError.self) { try joined([first, different]) }
      #expect(error == .nameInTwoSources(entry: "README.txt", first: first, second: different))
      #expect(error?.exitCode == .badData)
    }
  }

  /// "é" as one scalar and as two: two files, one in each source.
  @Test func namesThatDifferInBytesAreTwoFiles() throws {
    let source = try joined([zip("a.zip", [("caf\u{E9}.jpg", [1])]), zip("b.zip", [("cafe\u{301}.jpg", [2, 3])])])
    #expect(source.names.map { source.size($0) } == [2, 1])
  }

  @Test func aPictureIsNoSource() throws {
    let path = try scratch.file("a.jpg", [0xFF, 0xD8, 0xFF, 0xE0])
    let error = #expect(throws: ArchiveError.self) { try joined([path]) }
    #expect(error?.description.contains("JPEG") == true)
    #expect(throws: FileError.self) { try joined([scratch.file("nowhere.json")]) }
  }
}
