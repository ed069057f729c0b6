import Archives
import Files
import Foundation
import TestSupport
import Testing

/// What other programs pack, read by mmtrain and by Python (Tests/Golden/archives.py): the same names, the same bytes.
@Suite struct PackingTests {
  private struct Packed: Decodable {
    let file: String
    let by: String
    let files: [String: String]
  }

  @Test(.enabled(if: hasPython, "python3 is not here"))
  func everyProgramsArchivesAreReadAsPythonReadsThem() throws {
    let scratch = try Scratch(inMemory: true)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", repositoryRoot + "/Tests/Golden/archives.py", scratch.file("packed")]
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
    let index = try JSONDecoder().decode([Packed].self, from: Data(readFile(scratch.file("packed/index.json"))))
    #expect(index.count >= 300)
    for packed in index { try compare(packed, scratch) }
  }

  private func compare(_ packed: Packed, _ scratch: Scratch) throws {
    let unpacking = UnpackingDirectory(scratch.file("unpacked"))
    do {
      let source = try openSource(scratch.file("packed/" + packed.file), unpacking: unpacking)
      let found = try source.names.map { ($0, sha256(try source.read($0))) }
      #expect(Dictionary(uniqueKeysWithValues: found) == packed.files, "\(packed.file), by \(packed.by)")
    } catch let error as ArchiveError {
      Issue.record("\(packed.file), by \(packed.by): \(error)")
    }
    try unpacking.remove()
  }
}
