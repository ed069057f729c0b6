import Pretrained
import TestSupport
import Testing

/// Positions at another image size and another length of text, against open_clip's.
@Suite struct PositionInterpolationTests {
  private func resized(_ name: String, _ interpolate: ([Float], _ old: Int, _ new: Int, _ width: Int) -> [Float]) throws
  {
    let golden = try GoldenFile("finetuning.safetensors")
    let (table, expected) = (
      try golden.array("position/\(name)/table"), try golden.array("position/\(name)/resized")
    )
    let made = interpolate(table.values, table.shape[0], expected.shape[0], table.shape[1])
    #expect(difference(made, expected.values, relative: 2e-6, scale: .largest) == nil, "\(name)")
  }

  @Test(arguments: ["larger", "smaller", "little"])
  func patchesAreThoseOfOpenCLIP(name: String) throws {
    func side(_ positions: Int) -> Int { Int(Double(positions - 1).squareRoot().rounded()) }
    try resized(name) { interpolatedPositions($0, old: side($1), new: side($2), width: $3) }
  }

  @Test(arguments: ["text_longer", "text_shorter"])
  func positionsInATextAreThoseOfOpenCLIP(name: String) throws {
    try resized(name) { interpolatedPositions(ofText: $0, old: $1, new: $2, width: $3) }
  }

  @Test func theSameNumberOfThemStaysAsItIs() {
    let table = (0..<10 * 3).map { Float($0 * $0 % 17) }
    #expect(interpolatedPositions(table, old: 3, new: 3, width: 3) == table)
    #expect(interpolatedPositions(ofText: table, old: 10, new: 10, width: 3) == table)
  }
}
