/// What captions are worth beyond being like their references: a model that says the same of every photo, or a word again and again,
/// has scores all the same.
struct CaptionVariety {
  /// Different words, and pairs of words, as a share of all, over all captions.
  let distinct: [Double?]
  /// Of each caption 100 where it says a run of up to four words twice in a row, else 0.
  let repeats: [Double]
  /// Of each caption 100 where it ends in a word that something should follow, else 0.
  let endsBadly: [Double]
  /// Of each caption its words.
  let lengths: [Double]
  /// Of each caption 100 where no caption of those given says the same; nil where none are given.
  let isNovel: [Double]?
  /// How many captions are the most frequent one.
  let mostFrequent: (caption: String, count: Int)

  /// - Parameter known: captions that a model was trained on.
  init(_ captions: [[String]], _ counted: [CountedCaption], known: Set<[String]>?) {
    distinct = (0..<2).map { order in
      let all = counted.flatMap { $0.runs[order] }
      let total = all.reduce(0) { $0 + Int($1.count) }
      return total == 0 ? nil : Double(Set(all.map(\.run)).count) / Double(total)
    }
    repeats = captions.map { hasRepeat($0) ? 100 : 0 }
    endsBadly = captions.map { isOpen($0) ? 100 : 0 }
    lengths = captions.map { Double($0.count) }
    isNovel = known.map { known in captions.map { known.contains($0) ? 0 : 100 } }
    var counts: [[String]: Int] = [:]
    for caption in captions { counts[caption, default: 0] += 1 }
    let most = counts.max { ($0.value, $1.key.joined(separator: " ")) < ($1.value, $0.key.joined(separator: " ")) }
    mostFrequent = (most?.key.joined(separator: " ") ?? "", most?.value ?? 0)
  }
}

/// Whether a run of one to four words stands twice in a row.
private func hasRepeat(_ words: [String]) -> Bool {
  (1...WordRuns.longest).contains { length in
    words.count >= 2 * length
      && (0...(words.count - 2 * length)).contains { place in
        words[place..<place + length] == words[place + length..<place + 2 * length]
      }
  }
}

/// Whether a caption ends in a word that something has to follow, or has none.
func isOpen(_ words: [String]) -> Bool { words.last.map(openWords.contains) ?? true }

/// Words that something has to follow: articles, prepositions, forms of "to be" (as ruotianluo's self-critical training counts them).
private let openWords: Set<String> = [
  "a", "an", "the", "in", "for", "at", "of", "with", "before", "after", "on", "upon", "near", "to", "is", "are", "am",
  "and", "or",
  "by", "from", "into", "their", "his", "her", "its",
]
