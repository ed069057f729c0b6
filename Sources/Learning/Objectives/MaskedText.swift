package import Models
internal import Randomness
package import Tokenization

/// Texts in which some words are masked, and what stood there (Devlin et al., "BERT", 2019, §3.1): of the tokens that are
/// chosen 8 in 10 become the mask, 1 in 10 a random word, and 1 in 10 stay.
package struct MaskedText {
  /// As the model reads it.
  package private(set) var text: PackedText
  /// Rows of the packed text, ascending, and the tokens that stood there.
  package private(set) var rows: [Int] = []
  package private(set) var targets: [Int32] = []

  package typealias Name = SampleNames

  /// - Parameters:
  ///   - share: of the words that are chosen, and at least one of each text that has any.
  ///   - masksWholeWords: all tokens of a word or none, rather than tokens one by one.
  package init(
    _ text: PackedText, _ vocabulary: MaskingVocabulary, share: Double, masksWholeWords: Bool, _ name: Name
  ) {
    var ids = text.ids
    for index in 0..<text.count {
      let sample = name.samples[index]
      var random = RandomStream(seed: name.seed, .maskedText, UInt64(name.epoch), sample.photo, sample.caption)
      let places = text.offsets[index]..<text.offsets[index + 1]
      let units =
        masksWholeWords
        ? vocabulary.words(of: text.ids[places])
        : places.filter { vocabulary.isWord(text.ids[$0]) }.map { $0..<$0 + 1 }
      for row in Self.chosen(units, share, &random).joined() {
        rows.append(row)
        targets.append(ids[row])
        ids[row] = Self.replacement(ids[row], vocabulary, &random)
      }
    }
    self.text = PackedText(ids: ids, offsets: text.offsets)
  }

  /// Masked already.
  package init(masked text: PackedText, rows: [Int], targets: [Int32]) {
    (self.text, self.rows, self.targets) = (text, rows, targets)
  }

  /// In their order.
  private static func chosen(_ units: [Range<Int>], _ share: Double, _ random: inout RandomStream) -> [Range<Int>] {
    let drawn = units.filter { _ in Double(random.uniform()) < share }
    guard drawn.isEmpty, !units.isEmpty else { return drawn }
    return [units[random.integer(below: units.count)]]
  }

  private static func replacement(
    _ id: Int32, _ vocabulary: MaskingVocabulary, _ random: inout RandomStream
  ) -> Int32 {
    switch random.integer(below: 10) {
    case 0..<8: vocabulary.maskToken
    case 8: vocabulary.words[random.integer(below: vocabulary.words.count)]
    default: id
    }
  }
}
