internal import Foundation

/// Answers to questions about images as the official measurement of VQA compares them (Antol et al., ICCV 2015; `vqaEval.py` of
/// GT-Vision-Lab/VQA). All published scores are made with it, so its oddities are kept: "A" is nothing, "none" is "0", and whether a mark
/// falls away or becomes a blank hangs on the whole text.
public enum OfficialAnswer {
  /// Small letters, numbers as digits, no articles, few punctuation marks, contractions with their apostrophe.
  public static func normalised(_ answer: String) -> String {
    withoutArticles(withoutPunctuation(trimmed(answer)))
  }

  /// With blanks for line breaks and tabulators, and none at the ends: all that is done where the annotators all say the same.
  static func trimmed(_ answer: String) -> String {
    let blank = answer.unicodeScalars.map { $0 == "\n" || $0 == "\t" ? " " : $0 }
    guard let first = blank.firstIndex(where: { !isBlank($0) }), let last = blank.lastIndex(where: { !isBlank($0) })
    else { return "" }
    return text(blank[first...last])
  }

  /// A mark falls away where it touches a blank anywhere in the text, or where a comma stands between digits anywhere; else it becomes a
  /// blank. Which it is hangs on the text as it came. Then the first 32 periods go that no digit follows.
  private static func withoutPunctuation(_ answer: String) -> String {
    let scalars = Array(answer.unicodeScalars)
    let hasDigitComma = scalars.indices.dropFirst().dropLast().contains {
      scalars[$0] == "," && isDigit(scalars[$0 - 1]) && isDigit(scalars[$0 + 1])
    }
    let touching = Set(
      marks.filter { mark in
        zip(scalars, scalars.dropFirst()).contains { ($0 == mark && $1 == " ") || ($0 == " " && $1 == mark) }
      })
    let cleaned = scalars.compactMap { scalar in
      !marks.contains(scalar) ? scalar : hasDigitComma || touching.contains(scalar) ? nil : " "
    }
    var periods = 0
    let kept = cleaned.indices.filter { place in
      guard cleaned[place] == ".", periods < 32, place + 1 == cleaned.count || !isDigit(cleaned[place + 1]) else {
        return true
      }
      periods += 1
      return false
    }
    return text(kept.map { cleaned[$0] })
  }

  private static func withoutArticles(_ answer: String) -> String {
    let words = answer.lowercased().unicodeScalars.split(whereSeparator: isBlank).map { text($0) }
    return words.map { numbers[$0] ?? $0 }.filter { !articles.contains($0) }.map { contractions[$0] ?? $0 }
      .joined(separator: " ")
  }

  private static let marks: Set<Unicode.Scalar> = Set(#";/[]"{}()=+\_-><@`,?!"#.unicodeScalars)
  private static let articles: Set<String> = ["a", "an", "the"]
  private static let numbers = [
    "none": "0", "zero": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7",
    "eight": "8", "nine": "9", "ten": "10",
  ]

  private static func isDigit(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.generalCategory == .decimalNumber
  }

  /// What Python splits at.
  private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.isWhitespace || ("\u{1C}"..."\u{1F}").contains(scalar)
  }

  private static func text(_ scalars: some Sequence<Unicode.Scalar>) -> String {
    var text = String.UnicodeScalarView()
    text.append(contentsOf: scalars)
    return String(text)
  }
}
