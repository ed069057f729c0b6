/// What the pre-split of CLIP tells apart.
enum CharacterClass: Sendable {
  /// `\s`: Unicode's White_Space.
  case space
  /// `\p{L}`.
  case letter
  /// `\p{N}`.
  case number
  case other

  /// The class that the regular expressions of the Python library `tokenizers` give.
  init(_ scalar: Unicode.Scalar) {
    let value = Int(scalar.value)
    self = value < 0x80 ? Self.ascii[value] : value < 0x10000 ? Self.basicPlane[value] : Self.look(up: scalar)
  }

  init(ascii byte: UInt8) { self = Self.ascii[Int(byte)] }

  private static let ascii: [CharacterClass] = (UInt8(0)..<0x80).map { look(up: Unicode.Scalar($0)) }

  /// Built on first use, by text that is not ASCII.
  private static let basicPlane: [CharacterClass] = (UInt32(0)..<0x10000).map {
    Unicode.Scalar($0).map(look(up:)) ?? .other
  }

  private static func look(up scalar: Unicode.Scalar) -> CharacterClass {
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
      isKnown(scalar) ? .letter : .other
    case .decimalNumber, .letterNumber, .otherNumber:
      isKnown(scalar) ? .number : .other
    default:
      scalar.isWhiteSpace ? .space : .other
    }
  }

  /// The library's tables are of Unicode 16: a letter or number that came later counts as other.
  private static func isKnown(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.age.map { $0.major <= 16 } ?? false
  }
}

extension Unicode.Scalar {
  /// Unicode's White_Space, which has been the same since Unicode 6.3.
  var isWhiteSpace: Bool {
    switch value {
    case 0x09...0x0D, 0x20, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: true
    default: false
    }
  }
}
