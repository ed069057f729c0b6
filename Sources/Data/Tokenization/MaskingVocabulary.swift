/// What masking has to know of a vocabulary.
public struct MaskingVocabulary: Sendable {
  /// What stands in the place of a masked token: `[MASK]`, or where a vocabulary has none, as CLIP's, the start token, which
  /// stands nowhere else within a text.
  public let maskToken: Int32
  /// Whether the vocabulary has a token for that.
  public let hasMaskToken: Bool
  /// The ids that may stand in the place of a word: all but those that are no part of a text.
  public let words: [Int32]
  /// For each id, whether it is no part of a text: it is never masked.
  private let isSpecial: [Bool]
  /// For each id, whether it goes on with the word of the token before it, and whether the token after it does.
  private let continuesWord: [Bool]
  private let leavesWordOpen: [Bool]

  /// - Parameters:
  ///   - tokens: by id, as the vocabulary spells them.
  ///   - mask: the vocabulary's own token for masked ones; nil where it has none.
  ///   - start: what opens a text.
  ///   - continuation: what a token begins with that goes on with a word.
  ///   - ending: what a token ends with that ends one.
  public init(
    tokens: [[UInt8]], mask: Int32?, start: Int32, specials: Set<Int32>, continuation: [UInt8]? = nil,
    ending: [UInt8]? = nil
  ) {
    (maskToken, hasMaskToken) = (mask ?? start, mask != nil)
    isSpecial = tokens.indices.map { specials.contains(Int32($0)) }
    continuesWord = tokens.map { token in continuation.map { token.starts(with: $0) } ?? false }
    leavesWordOpen = tokens.map { token in ending.map { !token.suffix($0.count).elementsEqual($0) } ?? false }
    words = tokens.indices.map { Int32($0) }.filter { !specials.contains($0) }
  }

  public func isWord(_ id: Int32) -> Bool { !isSpecial[Int(id)] }

  /// The places of the words of a text: tokens that belong together, specials left out.
  public func words(of ids: ArraySlice<Int32>) -> [Range<Int>] {
    var words: [Range<Int>] = []
    for place in ids.indices where isWord(ids[place]) {
      if let last = words.last, last.upperBound == place, goesOn(at: place, ids) {
        words[words.count - 1] = last.lowerBound..<place + 1
      } else {
        words.append(place..<place + 1)
      }
    }
    return words
  }

  private func goesOn(at place: Int, _ ids: ArraySlice<Int32>) -> Bool {
    continuesWord[Int(ids[place])] || leavesWordOpen[Int(ids[place - 1])]
  }
}
