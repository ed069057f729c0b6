/// Seeded strings of everything that UTF-8 allows: scalars of all planes, runs of marks, Korean jamo, joined emoji,
/// control characters, special tokens in any case, very long words.
struct WildTexts {
  private var random: SplitMix

  init(seed: UInt64) { random = SplitMix(state: seed) }

  mutating func next(_ count: Int) -> [String] {
    (0..<count).map { _ in
      var text = String.UnicodeScalarView()
      for _ in 0..<1 + random.next(below: 12) { append(to: &text) }
      return String(text)
    }
  }

  private static let words = [
    " ", "  \n", "\t", "A photo of a ", "dogs'", "'S", "'ll", "don\u{2019}t", "1234", "...", "!?",
    "\u{1F468}\u{200D}\u{1F469}\u{200D}\u{1F467}",
    "\u{1F3F3}\u{FE0F}\u{200D}\u{1F308}", "\u{1F1E9}\u{1F1EA}", "\u{1F44B}\u{1F3FD}", "<|startoftext|>",
    "<|endoftext|>",
    "<|EndOfText|>", "<|STARTOFTEXT|>!", "<|endoftext", "[CLS]", "[SEP]", "[mask]", "[UNK][PAD]", "</w>", "##s",
    "\u{0}",
    "\u{FEFF}", "\u{200B}\u{AD}", "\u{FFFD}", "\u{FFFF}", "\u{130}\u{1E9E}\u{3A3}", "\u{FB01}\u{1C5}", "&amp;",
  ]

  private mutating func append(to text: inout String.UnicodeScalarView) {
    switch random.next(below: 8) {
    case 0, 1:
      text.append(contentsOf: Self.words[pick(Self.words.count)].unicodeScalars)
    case 2:
      append(to: &text, from: 0x300...0x36F, 1 + pick(6))
    case 3:
      append(to: &text, from: random.next(below: 2) == 0 ? 0x1100...0x11FF : 0xAC00...0xD7A3, 1 + pick(4))
    case 4:
      append(to: &text, from: 0...0x24F, 1 + pick(20))
    case 5:
      // A long word, now and then a very long one.
      let letter = UInt32(0x61 + pick(26))
      append(to: &text, from: letter...letter + 3, pick(20) == 0 ? 400 : 1 + pick(30))
    case 6:
      let plane = UInt32(pick(17)) << 16
      append(to: &text, from: plane...plane + 0xFFFF, 1 + pick(5))
    default:
      append(to: &text, from: 0...0xFFFF, 1 + pick(5))
    }
  }

  private mutating func pick(_ count: Int) -> Int { Int(random.next(below: UInt64(count))) }

  /// Surrogates are left out: they are no scalars.
  private mutating func append(to text: inout String.UnicodeScalarView, from range: ClosedRange<UInt32>, _ count: Int) {
    for _ in 0..<count {
      let value = range.lowerBound + UInt32(pick(range.count))
      text.append(contentsOf: [Unicode.Scalar(value)].compactMap(\.self))
    }
  }
}
