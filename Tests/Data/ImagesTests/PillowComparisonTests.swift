import Foundation
import Images
import Testing

/// Many pictures at once: `python Tests/Golden/pictures.py --compare FOLDER COUNT` makes them, and MMTRAIN_PICTURES names
/// the folder.
@Suite struct PillowComparisonTests {
  private static let folder = ProcessInfo.processInfo.environment["MMTRAIN_PICTURES"]

  @Test(.enabled(if: folder != nil, "set MMTRAIN_PICTURES to a folder of pictures.py --compare"))
  func allPixelsAreThoseOfPillow() throws {
    let folder = URL(filePath: try #require(Self.folder))
    let lines = try String(contentsOf: folder.appending(path: "list.tsv"), encoding: .utf8).split(separator: "\n")
    #expect(!lines.isEmpty)
    var same = 0
    for line in lines {
      let fields = line.split(separator: "\t").map(String.init)
      let image = try decodePicture(Array(try Data(contentsOf: folder.appending(path: fields[0]))))
      let isSame = [String(image.width), String(image.height), fnv(image.pixels)] == Array(fields[1...])
      #expect(isSame, "\(fields[0])")
      same += isSame ? 1 : 0
    }
    print("\(same) of \(lines.count) pictures are Pillow's to the last bit")
  }
}
