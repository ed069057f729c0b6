import Objectives
import TestSupport
import Testing

/// What the objectives of a step look at is computed one meeting of image and text after the other. That gives what all on one
/// tape give, in less memory.
@Suite struct MeetingTests {
  static let cases = (ObjectiveCase.all + ObjectiveCase.fusions).filter { $0.weights.looksAtTokens }

  @Test(arguments: cases)
  func oneAfterTheOtherIsAllAtOnce(_ example: ObjectiveCase) throws {
    let atOnce = try example.gradients(ranks: 1, atOnce: true)
    for ranks in 1...2 {
      let apart = try example.gradients(ranks: ranks)
      #expect(apart.names == atOnce.names)
      #expect(difference(apart.loss, atOnce.loss, relative: 1e-6) == nil, "\(ranks) ranks")
      #expect(
        difference(apart.gradients, atOnce.gradients, relative: ranks == 1 ? 1e-6 : 1e-5, scale: .largest) == nil,
        "\(ranks) ranks")
    }
    #expect(atOnce.gradients.contains { $0 != 0 })
  }

  /// Three meetings: pairs that match or not, words that are masked, patches that are hidden.
  @Test func memoryIsOfOneMeeting() throws {
    let example = try #require(
      ObjectiveCase.fusions.first {
        $0.weights["matching"] != 0 && $0.weights["masked_text"] != 0 && $0.weights["masked_regions.pixels"] != 0
      })
    let atOnce = try example.gradients(ranks: 1, atOnce: true).reservedBytes
    let apart = try example.gradients(ranks: 1).reservedBytes
    print("reserved: \(atOnce) bytes at once, \(apart) one after the other")
    #expect(apart * 3 < atOnce * 2)
  }
}
