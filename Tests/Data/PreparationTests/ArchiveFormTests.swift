import Archives
import Files
import Preparation
import Reporting
import TestSupport
import Testing

/// Archives and folders as other systems make them, prepared: what was decided about them is in the report.
@Suite struct ArchiveFormTests {
  let source: TestSource

  init() throws { source = try TestSource() }

  /// Two photos in a folder of a Japanese Windows, and their captions in UTF-8.
  private func japaneseZip() throws -> PreparationRequest.Source {
    let names: [[UInt8]] = [[0x94, 0x4C], [0x8C, 0xA2]]
    var entries = try names.enumerated().map { seed, name in
      var entry = RawZip.Entry("", try photo(seed))
      (entry.name, entry.flags) = ([0x8E, 0xCA, 0x90, 0x5E, 0x2F] + name + Array(".jpg".utf8), 0)
      return entry
    }
    entries.append(.init("captions.csv", Array("image,caption\n写真/猫.jpg,a cat\n写真/犬.jpg,a dog\n".utf8)))
    try writeAtomically(RawZip(entries).encoded(), to: source.path("japanese.zip"))
    return .archive(path: source.path("japanese.zip"))
  }

  @Test func namesInTheEncodingThatIsSaid() throws {
    var request = source.request(try japaneseZip(), bad: 0)
    let error = #expect(throws: PreparationError.self) { try prepare(request) }
    #expect(error?.description.contains("name the encoding with --name-encoding shift-jis") == true)
    request.nameEncoding = .shiftJIS
    let report = try prepare(request)
    #expect(report.problems.isEmpty && report.splits.reduce(0) { $0 + $1.photos } == 2)
    #expect(report.notes.contains("2 names are not in UTF-8 and were read as shift-jis (first: “写真/猫.jpg”)"))
  }

  /// The report is the same for an archive that is read where it lies and one that is unpacked, and a folder may be named
  /// as an archive.
  @Test func whatWasDecidedIsInTheReport() throws {
    try source.addPhotos(4)
    source.add("set/.hidden", "x")
    let words = "1 hidden file, or one that a system left behind, was passed over (“set/.hidden”)"
    guard case .folder(let folder) = try source.folder() else { return }
    for place in [try source.zip(), try source.tar(), .folder(path: folder), .archive(path: folder)] {
      let request = source.request(place, bad: 0)
      let report = try prepare(request)
      #expect(report.notes.contains(words) && report.photosFound == 4)
      #expect((report.sourceDigest == nil) == (place == .folder(path: folder) || place == .archive(path: folder)))
      try removeTree(request.output)
    }
  }

  @Test func anArchiveIsNoFolder() throws {
    try source.addPhotos(4)
    guard case .archive(let path) = try source.zip() else { return }
    let error = #expect(throws: ArchiveError.self) { try prepare(source.request(.folder(path: path))) }
    #expect(error?.exitCode == .missingInput && error?.description.contains("--archive \(path)") == true)
  }
}
