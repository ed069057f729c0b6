import Files
import Models
import Objectives
import TestSupport
import Testing
import Tokenization

/// Which words are masked, and what stands in their place.
@Suite struct MaskedTextTests {
  private let tokenizer: any Tokenizer

  init() throws {
    let path = goldenDirectory + "/tokenization/tiny-tokenizer.json"
    tokenizer = try loadTokenizer(readFile(path), path: path)
  }

  private func masked(
    _ texts: [String], seed: UInt64 = 3, epoch: Int = 0, share: Double = 0.15, wholeWords: Bool = false,
    samples: [UInt64]? = nil
  ) -> (before: PackedText, MaskedText) {
    let packed = PackedText(texts.map { tokenizer.encode($0) })
    let names = samples ?? texts.indices.map { UInt64($0) }
    let masked = MaskedText(
      packed, tokenizer.maskingVocabulary, share: share, masksWholeWords: wholeWords,
      MaskedText.Name(seed: seed, epoch: epoch, samples: names.map { (photo: $0, caption: $0 + 1000) }))
    return (packed, masked)
  }

  /// A sample's mask does not depend on its neighbours, and is another one in another epoch.
  @Test func aMaskIsOfItsSample() {
    let texts = ["a man rides a horse on the beach", "two dogs play in the snow near a fence", "a cat"]
    let (_, together) = masked(texts)
    let rows = together.text.offsets
    for (index, text) in texts.enumerated() {
      let (_, alone) = masked([text], samples: [UInt64(index)])
      #expect(alone.text.ids == Array(together.text.ids[rows[index]..<rows[index + 1]]))
    }
    let (_, again) = masked(texts)
    #expect(again.text.ids == together.text.ids && again.rows == together.rows)
    let other = (1..<20).map { masked(texts, epoch: $0).1.rows }
    #expect(Set(other + [together.rows]).count > 10)
  }

  @Test(arguments: [false, true])
  func specialsStayAndEveryTextLosesOne(wholeWords: Bool) throws {
    let texts = (0..<300).map { "a man rides a horse number \($0) on the beach" } + ["cat", ""]
    let (before, after) = masked(texts, wholeWords: wholeWords)
    let vocabulary = tokenizer.maskingVocabulary
    for index in texts.indices {
      let places = before.offsets[index]..<before.offsets[index + 1]
      let rows = after.rows.filter(places.contains)
      #expect(rows.isEmpty == texts[index].isEmpty, "\(texts[index])")
      #expect(after.text.ids[places.lowerBound] == tokenizer.startToken)
      #expect(after.text.ids[places.upperBound - 1] == tokenizer.endToken)
    }
    for (row, target) in zip(after.rows, after.targets) {
      #expect(before.ids[row] == target && vocabulary.isWord(target))
      #expect(after.text.ids[row] == vocabulary.maskToken || vocabulary.isWord(after.text.ids[row]))
    }
    for row in before.ids.indices where !after.rows.contains(row) { #expect(after.text.ids[row] == before.ids[row]) }
  }

  /// 15 % of the tokens; of these 8 in 10 are hidden, 1 in 10 is another word, 1 in 10 stays. Within four deviations.
  @Test func sharesAreThoseOfThePaper() {
    let texts = (0..<800).map { "a man rides a brown horse along the wide beach in the evening \($0)" }
    let (before, after) = masked(texts)
    let words = Double(before.ids.count - 2 * texts.count)
    let masks = Double(after.rows.count)
    #expect(abs(masks / words - 0.15) < 4 * (0.15 * 0.85 / words).squareRoot() + 0.002)
    let hidden = after.rows.filter { after.text.ids[$0] == tokenizer.maskingVocabulary.maskToken }
    let kept = zip(after.rows, after.targets).filter { after.text.ids[$0] == $1 }
    #expect(abs(Double(hidden.count) / masks - 0.8) < 4 * (0.16 / masks).squareRoot())
    #expect(abs(Double(kept.count) / masks - 0.1) < 4 * (0.09 / masks).squareRoot() + 0.003)
  }

  /// All tokens of a word or none.
  @Test func wholeWordsAreHiddenWhole() {
    let texts = (0..<100).map { "an extraordinarily unbelievable giraffe number \($0)" }
    let (before, after) = masked(texts, share: 0.4, wholeWords: true)
    let chosen = Set(after.rows)
    var longer = 0
    for index in texts.indices {
      for word in tokenizer.maskingVocabulary.words(of: before.ids[before.offsets[index]..<before.offsets[index + 1]]) {
        let rows = word.filter(chosen.contains)
        #expect(rows.isEmpty || rows.count == word.count)
        longer += rows.count > 1 ? 1 : 0
      }
    }
    #expect(longer > 20)
  }

  @Test func oneObjectiveIsDrawnByItsWeight() throws {
    let example = try #require(ObjectiveCase.all.first { $0.name == "everything sampled" })
    let steps = (0..<600).map { example.name(ofStep: $0) }
    #expect(steps == (0..<600).map { example.name(ofStep: $0) })
    for (name, share) in [("contrastive", 0.2), ("matching", 0.4), ("masked_text", 0.4)] {
      let found = Double(steps.count { $0 == name }) / 600
      #expect(abs(found - share) < 4 * (share * (1 - share) / 600).squareRoot(), "\(name): \(found)")
    }
  }
}
