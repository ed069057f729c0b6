import Files
import Images
import Preparation
import Reporting
import TestSupport
import Testing

/// The cases of region files, as the room that reads them refuses them.
@Suite struct RegionFileTests {
  @Test(arguments: regionFileCases) func isRefused(malformed: MalformedCase) throws {
    let directory = try TemporaryDirectory()
    let inputs = Inputs(path: directory.path)
    try malformed.make(inputs)
    let place = try #require(malformed.command.firstIndex(of: "--regions"))
    let path = malformed.command[place + 1].replacing("IN", with: directory.path)
    let photo = try readFile(inputs("photos/a.jpg")).withUnsafeBytes { try readPictureHeader($0) }
    do {
      _ = try RegionFiles([path], photos: ["a.jpg"]).reading(of: "a.jpg", width: photo.width, height: photo.height)
      Issue.record("it is taken")
    } catch let error as any ReportableError {
      #expect(error.exitCode.rawValue == malformed.code, "\(error.description)")
      #expect(error.description.contains(malformed.key), "\(error.description)")
      #expect(error.description.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F })
    }
  }
}
