/// The rules of BERT's text before any vocabulary is looked at: Hugging Face's `BertNormalizer` and `BertPreTokenizer`.
struct BERTText: Sendable {
  /// Whether control characters go and white space becomes a space.
  var cleansText = true
  /// Whether each Chinese character is a word of its own.
  var separatesChinese = true
  var stripsAccents = true
  var lowercases = true

  /// The text as words are looked for in it; UTF-8 in, scalars out.
  func normalize(_ utf8: some Collection<UInt8>) -> [Unicode.Scalar] {
    var scalars = Array(String(decoding: utf8, as: UTF8.self).unicodeScalars)
    if cleansText {
      scalars.removeAll(where: isRemoved)
      scalars = scalars.map { $0.isWhiteSpace ? " " : $0 }
    }
    if separatesChinese {
      scalars = scalars.flatMap { isChinese($0) ? [" ", $0, " "] : [$0] }
    }
    if stripsAccents, !scalars.allSatisfy(\.isASCII) {
      scalars = CanonicalComposition.shared.decompose(scalars)
      scalars.removeAll(where: isAccent)
    }
    return lowercases ? scalars.flatMap(lowercase) : scalars
  }

  /// The words of normalised text as UTF-8: white space separates, and each punctuation mark is a word.
  func forEachWord(in scalars: [Unicode.Scalar], _ body: ([Unicode.Scalar]) -> Bool) {
    var word: [Unicode.Scalar] = []
    for scalar in scalars {
      let isMark = isPunctuation(scalar)
      if isMark || scalar.isWhiteSpace {
        if !word.isEmpty, !body(word) { return }
        word.removeAll(keepingCapacity: true)
        if isMark, !body([scalar]) { return }
      } else {
        word.append(scalar)
      }
    }
    if !word.isEmpty { _ = body(word) }
  }

  // MARK: Scalars

  private func lowercase(_ scalar: Unicode.Scalar) -> [Unicode.Scalar] {
    guard scalar.properties.changesWhenLowercased else { return [scalar] }
    return Array(scalar.properties.lowercaseMapping.unicodeScalars)
  }

  private func isRemoved(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09, 0x0A, 0x0D: return false
    case 0x20..<0x7F: return false
    case 0xFFFD: return true
    default: break
    }
    switch scalar.properties.generalCategory {
    case .control, .privateUse: return true
    case .format: return isOfUnicode8(scalar)
    default: return false
    }
  }

  /// A nonspacing mark by the tables of Unicode 8, which the library's normalizer has.
  private func isAccent(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x300: false
    case 0x1734, 0x1171E: true
    case 0x1885, 0x1886, 0xA9BD, 0x111C9: false
    default: scalar.properties.generalCategory == .nonspacingMark && isOfUnicode8(scalar)
    }
  }

  /// Punctuation by the tables of Unicode 8, and ASCII's symbols.
  private func isPunctuation(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: return true
    case 0..<0x80: return false
    case 0x166D, 0x111C9: return true
    default: break
    }
    switch scalar.properties.generalCategory {
    case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
      .finalPunctuation, .otherPunctuation:
      return isOfUnicode8(scalar)
    default:
      return false
    }
  }

  private func isOfUnicode8(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.age.map { $0.major <= 8 } ?? false
  }

  /// The blocks that BERT calls Chinese; U+2B820 to U+2B91F are missing in the library too.
  private func isChinese(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x20000...0x2A6DF, 0x2A700...0x2B81F, 0x2B920...0x2CEAF,
      0x2F800...0x2FA1F:
      true
    default: false
    }
  }
}
