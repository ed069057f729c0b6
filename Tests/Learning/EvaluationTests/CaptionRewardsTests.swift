import Evaluation
import Files
import Foundation
import TestSupport
import Testing

/// What captions are worth that a model tries out.
@Suite struct CaptionRewardsTests {
  private struct Golden: Decodable {
    struct Attempt: Decodable { let image: Int, caption: String, closed: Bool, reward: Double }
    let references: [[String]]
    let attempts: [Attempt]
  }

  /// Tests/Golden/selfcritical.py: CIDEr-D of pycocoevalcap, the end of a text a word of its own.
  @Test func rewardsAreCOCOsWithTheEndForAWord() throws {
    let golden = try JSONDecoder().decode(
      Golden.self, from: Data(readFile(goldenDirectory + "/selfcritical.json")))
    let rewards = CaptionRewards(golden.references)
    #expect(rewards.images == 12 && rewards.captions == golden.references.flatMap(\.self).count)
    for image in golden.references.indices {
      let own = golden.attempts.filter { $0.image == image }
      let found = rewards.judge(own.map { .init($0.caption, isClosed: $0.closed) }, ofImage: image)
      for (one, other) in zip(found, own) { #expect(abs(one.reward - other.reward) < 1e-9, "\(other)") }
    }
    #expect(golden.attempts.filter { $0.reward > 0.5 }.count > 10)
  }

  /// The words of a caption that stops too early are all right; what is missing is the end.
  @Test func aCaptionThatStopsTooEarlyIsWorthLess() {
    let rewards = CaptionRewards([["a man with a hat", "a man with a red hat"], ["a dog runs"], ["two cats"]])
    func worth(_ caption: String, isClosed: Bool = true) -> CaptionRewards.Judgement {
      rewards.judge([.init(caption, isClosed: isClosed)], ofImage: 0)[0]
    }
    #expect(worth("a man with a hat").reward > worth("a man with a").reward + 1)
    #expect(worth("a man with a hat").reward > worth("a man with a hat", isClosed: false).reward)
    #expect(worth("a man with a", isClosed: false).reward > worth("a man with a").reward)
    #expect(worth("a man with a").endsBadly && !worth("a man with a", isClosed: false).endsBadly)
    #expect(!worth("a man with a hat").endsBadly && worth("").endsBadly)
  }
}
