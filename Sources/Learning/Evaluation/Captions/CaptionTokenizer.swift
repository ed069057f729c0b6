/// Words of a caption as the scores of captions count them: those of the Penn Treebank as Stanford's tokenizer 3.4.1 makes them, in lower
/// case, less its seventeen marks of punctuation, as the evaluation of COCO's captions does (Chen et al., "Microsoft COCO Captions", 2015).
/// What it does not know are that tokenizer's lists beyond the ones below: addresses, emoticons, markup.
public enum CaptionTokenizer {
  /// Beside every score: figures by other tokenizers are others.
  public static let name = "ptb-3.4.1"

  public static func words(_ caption: String) -> [String] {
    var words: [String] = []
    for piece in caption.lowercased().split(whereSeparator: \.isWhitespace) {
      TokenSplitter(Array(piece.flatMap(ascii))).tokens { if !punctuation.contains($0) { words.append($0) } }
    }
    return words
  }

  /// Brackets stay, as `-lrb-`: the list names them in capitals, and tokens are in lower case.
  private static let punctuation: Set<String> = [
    "''", "'", "``", "`", "-LRB-", "-RRB-", "-LCB-", "-RCB-", ".", "?", "!", ",", ":", "-", "--", "...", ";",
  ]

  /// Typographic marks as the typewriter has them.
  private static func ascii(_ character: Character) -> [Character] {
    switch character {
    case "‘", "’": ["'"]
    case "“", "”": ["\""]
    case "–", "—": ["-", "-"]
    case "…": [".", ".", "."]
    case "½": ["1", "/", "2"]
    case "¼": ["1", "/", "4"]
    case "¾": ["3", "/", "4"]
    case "£": ["#"]
    case "€": ["$"]
    case "¢": Array("cents")
    default: [character]
    }
  }
}

/// One piece of a caption without white space, from left to right.
private struct TokenSplitter {
  private let letters: [Character]

  init(_ letters: [Character]) { self.letters = letters }

  func tokens(_ emit: (String) -> Void) {
    var place = 0
    while place < letters.count {
      let end = wordEnd(from: place) ?? markEnd(from: place)
      if let bracket = brackets[letters[place]] {
        emit(bracket)
      } else {
        for part in parted(String(letters[place..<end])) { emit(part) }
      }
      place = end
    }
  }

  // MARK: Words

  /// Where the word ends that begins here; nil where none does.
  private func wordEnd(from start: Int) -> Int? {
    if letters[start...].prefix(3) == ["'", "n", "'"] { return start + 3 }
    guard startsWord(at: start) else { return nil }
    var end = start + 1
    while end < letters.count, isWord(letters[end]) || isJoined(at: end) { end += 1 }
    return end + (isAbbreviation(start..<end) ? 1 : 0)
  }

  private func startsWord(at place: Int) -> Bool {
    if isWord(letters[place]) { return true }
    // 'em, '90s, .5
    guard place + 1 < letters.count else { return false }
    switch letters[place] {
    case "'": return elisions.contains(run(from: place + 1)) || (place == 0 && isDecade(from: 1))
    case ".": return letters[place + 1].isNumber && place == 0
    default: return false
    }
  }

  /// A mark within a word: it's, well-known, black/white, 1,000, 5.30, 10:30, u.s.
  private func isJoined(at place: Int) -> Bool {
    guard place + 1 < letters.count, isWord(letters[place + 1]) else { return false }
    let (before, after) = (letters[place - 1], letters[place + 1])
    switch letters[place] {
    case "'": return run(from: place + 1) != "n" && (before.isLetter || run(from: place + 1) == "s")
    case "-", "/": return isWord(before)
    case "&": return isWord(before) && before.isLetter && after.isLetter
    case ",", ":": return before.isNumber && after.isNumber
    case ".": return isWord(before)
    default: return false
    }
  }

  /// Whether the full stop behind belongs to it: a.m., mr., etc.
  private func isAbbreviation(_ word: Range<Int>) -> Bool {
    guard word.upperBound < letters.count, letters[word.upperBound] == "." else { return false }
    guard word.upperBound + 1 == letters.count || letters[word.upperBound + 1] != "." else { return false }
    let text = String(letters[word])
    if abbreviations.contains(text) { return true }
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    return parts.allSatisfy { $0.count == 1 && $0.allSatisfy(\.isLetter) }
  }

  private func run(from start: Int) -> String { String(letters[start...].prefix(while: isWord)) }

  private func isDecade(from start: Int) -> Bool {
    let run = run(from: start)
    return run.count >= 2 && run.prefix(2).allSatisfy(\.isNumber) && (run.count == 2 || run.dropFirst(2) == "s")
  }

  // MARK: Marks

  /// Marks of a kind in a row are one: ..., --, !!
  private func markEnd(from start: Int) -> Int {
    let mark = letters[start]
    let run = letters[start...].prefix { $0 == mark }.count
    switch mark {
    case ".": return start + (run >= 3 ? run : 1)
    case "-", "`", "*", "_", "=": return start + run
    case "!", "?": return start + letters[start...].prefix { $0 == "!" || $0 == "?" }.count
    case "'": return start + min(run, 2)
    default: return start + 1
    }
  }

  /// A word or a mark in the tokens that it stands for.
  private func parted(_ token: String) -> [String] {
    if token == "\"" { return ["''"] }
    if let halves = contracted[token] { return halves }
    if token.allSatisfy({ $0 == "." }) { return [token.count >= 3 ? "..." : "."] }
    if token.allSatisfy({ $0 == "-" }) { return [token.count > 1 ? "--" : "-"] }
    for ending in endings where token.hasSuffix(ending) && token.count > ending.count {
      return [String(token.dropLast(ending.count)), ending]
    }
    return [token]
  }
}

private func isWord(_ letter: Character) -> Bool { letter.isLetter || letter.isNumber }

private let brackets: [Character: String] = [
  "(": "-lrb-", ")": "-rrb-", "[": "-lsb-", "]": "-rsb-", "{": "-lcb-", "}": "-rcb-",
]

private let endings = ["n't", "'s", "'m", "'d", "'re", "'ve", "'ll"]

private let contracted: [String: [String]] = [
  "cannot": ["can", "not"], "gonna": ["gon", "na"], "gotta": ["got", "ta"], "wanna": ["wan", "na"],
  "gimme": ["gim", "me"], "lemme": ["lem", "me"], "'tis": ["'t", "is"], "'twas": ["'t", "was"], "d'ye": ["d'", "ye"],
]

/// Words whose first letters an apostrophe stands for.
private let elisions: Set<String> = [
  "em", "tis", "twas", "til", "cause", "n", "round", "bout", "s", "t", "re", "ve", "ll", "d", "m",
]

private let abbreviations: Set<String> = [
  "mr", "mrs", "ms", "dr", "jr", "sr", "st", "etc", "vs", "prof", "gen", "sen", "rep", "gov", "lt", "col", "capt",
  "sgt", "inc",
  "ltd", "co", "corp", "ave", "blvd", "rd", "mt", "ft", "no", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sept",
  "sep", "oct", "ct", "fig",
  "nov", "dec", "mon", "tue", "wed", "thu", "fri", "sat", "sun", "u.s", "u.k", "e.g", "i.e", "a.m", "p.m", "ph.d",
]
