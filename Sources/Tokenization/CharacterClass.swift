/// What the pre-split of CLIP tells apart.
enum CharacterClass: Sendable {
  /// `\s`: Unicode's White_Space.
  case space
  /// `\p{L}`.
  case letter
  /// `\p{N}`.
  case number
  case other

  /// The class that the regular expressions of the Python library `tokenizers` give: its tables are of Unicode 16, so a
  /// letter or number that came later counts as other.
  init(_ scalar: Unicode.Scalar) {
    if scalar.value < 0x80 {
      self = Self.ascii[Int(scalar.value)]
      return
    }
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
      self = isKnown(scalar) ? .letter : .other
    case .decimalNumber, .letterNumber, .otherNumber:
      self = isKnown(scalar) ? .number : .other
    default:
      self = scalar.properties.isWhitespace ? .space : .other
    }
  }

  private static let ascii: [CharacterClass] = (UInt8(0)..<0x80).map { byte in
    switch byte {
    case 0x09...0x0D, 0x20: .space
    case UInt8(ascii: "0")...UInt8(ascii: "9"): .number
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"): .letter
    default: .other
    }
  }
}

private func isKnown(_ scalar: Unicode.Scalar) -> Bool {
  guard let age = scalar.properties.age else { return false }
  return age.major <= 16
}
