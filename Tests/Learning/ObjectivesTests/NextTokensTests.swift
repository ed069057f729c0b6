import Models
import Objectives
import Testing

/// Which tokens of captions a decoder is asked for.
@Suite struct NextTokensTests {
  /// Two captions, of three and two tokens between those that open and close them, and one that is nothing but these.
  private let captions = PackedText([[101, 7, 8, 9, 102], [101, 5, 102], [101, 102]])

  /// The last token of a caption is told and not read; whatever opens it, the decoder's own token stands there.
  @Test func everyTokenIsToldFromThoseBeforeIt() {
    let asked = NextTokens(captions, start: 50)
    #expect(asked.texts.ids == [50, 7, 8, 9, 50, 5, 50] && asked.texts.offsets == [0, 4, 6, 7])
    #expect(asked.rows == [0, 1, 2, 3, 4, 5, 6])
    #expect(asked.targets == [7, 8, 9, 102, 5, 102, 102])
    #expect(asked.counts == [4, 2, 1])
  }

  /// What captions begin with is read and not asked for; of one that is all prompt the closing token is left, or nothing.
  @Test func aPromptIsGiven() {
    let asked = NextTokens(captions, start: 50, prompt: 2)
    #expect(asked.texts.ids == [50, 7, 8, 9, 50, 5, 50])
    #expect(asked.rows == [2, 3] && asked.targets == [9, 102])
    #expect(asked.counts == [2, 0, 0])
  }

  /// A caption that was cut has no closing token: its last one is told like any other. One of a single token asks nothing.
  @Test func cutCaptionsAreRead() {
    let asked = NextTokens(PackedText([[101], [101, 7, 8]]), start: 50)
    #expect(asked.texts.ids == [50, 50, 7] && asked.rows == [1, 2] && asked.targets == [7, 8])
    #expect(asked.counts == [0, 2])
  }

  /// A prompt stands behind the token that opens a caption; what is too long is cut, and its last token stays last.
  @Test func captionsBeginWithAPrompt() {
    let longer = captions.beginning(with: [30, 31], limit: 6)
    #expect(longer.ids == [101, 30, 31, 7, 8, 102, 101, 30, 31, 5, 102, 101, 30, 31, 102])
    #expect(longer.offsets == [0, 6, 11, 15])
    let asked = NextTokens(longer, start: 50, prompt: 2)
    #expect(asked.targets == [7, 8, 102, 5, 102, 102] && asked.counts == [3, 2, 1])
    #expect(captions.beginning(with: [], limit: 3).ids == captions.ids)
  }
}
