import Archives
import Files
import Foundation
import Images
import TestSupport
import Testing

/// `mmtrain prepare --archive FILE.tar.gz`, killed while it unpacks.
@Suite struct UnpackingTests {
  let place: TemporaryDirectory
  /// Some photos with captions among many other files, which make the unpacking long enough to be met in its middle.
  let files: [(name: String, bytes: [UInt8])]

  init() throws {
    place = try TemporaryDirectory()
    var captions = ""
    var files: [(name: String, bytes: [UInt8])] = []
    var state: UInt64 = 1
    for i in 0..<240 {
      files.append(("set/other/\(i / 40)/\(i).bin", noise(150_000, &state)))
      guard i % 20 == 0 else { continue }
      let image = Image(width: 16, height: 12, pixels: noise(16 * 12 * 3, &state))
      files.append(("set/images/\(i).jpg", try encodeJPEG(image, quality: 90)))
      captions += "\(i).jpg#0\tphoto number \(i)\n"
    }
    files.append(("set/results_20130124.token", Array(captions.utf8)))
    self.files = files
    let writer = try TarWriter(path: place("set.tar"))
    for file in files { try writer.add(name: file.name, bytes: file.bytes) }
    try writer.finish()
    #expect(try run("/usr/bin/env", ["gzip", "-1", place("set.tar")]).status == 0)
  }

  private func arguments(_ output: String) -> [String] {
    ["prepare", "--archive", place("set.tar.gz"), "--vocabulary-size", "600", "--output", place(output)]
  }

  /// The files below a directory that is being written; nil where it cannot be read for that reason.
  private func names(_ folder: String) -> [String]? { try? FolderSource(path: folder).names }

  private func expectWhole(_ folder: String) throws {
    let contents = Dictionary(uniqueKeysWithValues: files.map { ($0.name, $0.bytes) })
    for name in try FolderSource(path: folder).names {
      #expect(try readFile(folder + "/" + name) == contents[name], "\(name) is not what it was in the archive")
    }
  }

  private func nodes(_ folder: String) throws -> [String: UInt64] {
    let names = try FolderSource(path: folder).names
    return Dictionary(
      uniqueKeysWithValues: names.map { name in
        var status = stat()
        return (name, stat(folder + "/" + name, &status) == 0 ? UInt64(status.st_ino) : 0)
      })
  }

  /// Starts the program and kills it as soon as `condition` holds.
  private func kill(when condition: () -> Bool) throws {
    let process = try RunningProcess(builtProgram, arguments("set"))
    let deadline = Date(timeIntervalSinceNow: 60)
    while process.isRunning, !condition(), Date() < deadline { Thread.sleep(forTimeInterval: 0.0005) }
    process.send(SIGKILL)
    #expect(try process.wait().status == 128 + 9, "it was killed before its end")
  }

  @Test func killedAtManyMomentsItGoesOn() throws {
    let undisturbed = try run(builtProgram, arguments("reference"))
    #expect(undisturbed.status == 0, "\(undisturbed.errors)")
    let tree = place("set.unpacked/") + (try sha256(ofFile: place("set.tar.gz")))
    let partial = tree + ".partial/tree"
    var metInTheMiddle = 0
    for count in [1, 30, 90, 150, 210, 245] {
      try kill { (names(partial)?.count ?? 0) >= count || fileExists(tree) }
      #expect(!fileExists(place("set")))
      guard !fileExists(tree) else { break }
      metInTheMiddle += 1
      try expectWhole(partial)
    }
    #expect(metInTheMiddle >= 3, "the program was to be killed while it unpacked")
    if !fileExists(tree) {
      let before = try nodes(partial)
      try kill { fileExists(tree) }
      let after = try nodes(tree)
      #expect(before.allSatisfy { after[$0.key] == $0.value }, "whole files are not written again")
    }
    try expectWhole(tree)
    #expect(names(tree) == files.map(\.name).sorted(by: byteOrder))

    let last = try run(builtProgram, arguments("set"))
    #expect(last.status == 0, "\(last.errors)")
    #expect(try readFile(place("set/manifest.json")) == readFile(place("reference/manifest.json")))
    #expect(try directoryEntries(place.path) == ["reference", "set", "set.tar.gz"])
  }

  /// Two at once: the second is refused and disturbs nothing. (The first holds the directory; here the test does.)
  @Test func theSecondOfTwoIsRefused() throws {
    let lock = try DirectoryLock(place("set.unpacked"))
    let result = try run(builtProgram, arguments("set"))
    #expect(result.status == 73 && result.errors.contains("in use by process"))
    lock.release()
    #expect(try run(builtProgram, arguments("set")).status == 0)
  }

  @Test func aDamagedArchiveLeavesNothing() throws {
    var bytes = try readFile(place("set.tar.gz"))
    bytes[bytes.count / 2] ^= 0x10
    try writeAtomically(bytes, to: place("set.tar.gz"))
    let result = try run(builtProgram, arguments("set"))
    #expect(result.status == 65 && result.errors.contains("is damaged"))
    #expect(try directoryEntries(place.path) == ["set.tar.gz"])
  }
}

/// Bytes that do not compress, the same ones every time.
private func noise(_ count: Int, _ state: inout UInt64) -> [UInt8] {
  (0..<count).map { _ in
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return UInt8(truncatingIfNeeded: state >> 33)
  }
}
