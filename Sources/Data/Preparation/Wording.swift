internal import Archives

/// Whether texts are words that somebody said about a photo, or what other tables hold beside photos: numbers, classes as
/// numbers, boxes, addresses, names of files.
struct Wording {
  /// The share of the texts that are words.
  let share: Double
  /// Words a text, in the mean.
  let length: Double
  /// One that is none, for the reader.
  let odd: String?

  /// - Parameter texts: the first of them decide; thousands say no more.
  init(_ texts: some Sequence<String>) {
    let looked = Array(texts.prefix(1000))
    let words = looked.map(Self.words)
    let count = Double(max(1, looked.count))
    share = looked.isEmpty ? 1 : Double(words.count { $0 > 0 }) / count
    length = Double(words.reduce(0, +)) / count
    odd = zip(looked, words).first { $0.1 == 0 }?.0
  }

  /// Whether most of them are words. Where there are none at all, nothing speaks against it.
  var isWords: Bool { share >= 0.5 }

  /// How many words a text has; 0 where it is something else: numbers, an address, or one word with a number in it, as
  /// `n01440764`. Where letters have no case, as in Chinese, words stand without spaces, and each letter counts.
  private static func words(_ text: String) -> Int {
    let parts = text.split(whereSeparator: \.isWhitespace)
    if parts.count == 1, text.contains("://") || isMediaName(text) { return 0 }
    let counts = parts.map { part in
      let letters = part.filter(\.isLetter)
      return letters.isEmpty || Double(part) != nil ? 0 : max(1, letters.count { !$0.isCased })
    }
    if counts == [1], text.contains(where: \.isNumber) { return 0 }
    return counts.reduce(0, +)
  }
}
