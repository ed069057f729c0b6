public import Models
public import TensorEngine

/// What is asked of a decoder that reads captions: which token comes behind those before it.
public struct NextTokens: Sendable {
  /// What the decoder reads: captions that begin as its texts do, without their last token, behind which nothing is asked.
  public let texts: PackedText
  /// The rows of its states that are asked, caption by caption, and what comes there.
  public let rows: [Int]
  public let targets: [Int32]

  /// - Parameters:
  ///   - captions: with the tokens that open and close them.
  ///   - prompt: how many tokens behind the first are given, and not asked for.
  public init(_ captions: PackedText, start: Int32, prompt: Int = 0) {
    var (read, rows, targets): ([[Int32]], [Int], [Int32]) = ([], [], [])
    var first = 0
    for caption in 0..<captions.count {
      let ids = captions.ids[captions.offsets[caption]..<captions.offsets[caption + 1]]
      let known = max(ids.count - 1, 1)
      read.append([start] + ids.dropFirst().prefix(known - 1))
      for place in min(prompt, known)..<known where place + 1 < ids.count {
        rows.append(first + place)
        targets.append(ids[ids.startIndex + place + 1])
      }
      first += known
    }
    (texts, self.rows, self.targets) = (PackedText(read), rows, targets)
  }

  /// How many are asked of each caption.
  public var counts: [Int] {
    var caption = 0
    return rows.reduce(into: [Int](repeating: 0, count: texts.count)) { counts, row in
      while row >= texts.offsets[caption + 1] { caption += 1 }
      counts[caption] += 1
    }
  }
}

extension TextDecoder {
  /// Logits of what is asked [N, V].
  /// - Parameter contextOfText: which segment of the context each caption looks at.
  public func logits(of asked: NextTokens, _ context: Encoding, contextOfText: [Int], _ tape: Tape) -> Tensor {
    logits(tape.gatherRows(states(asked.texts, context, contextOfText: contextOfText, tape), asked.rows), tape)
  }
}

extension PackedText {
  /// Texts that begin with these tokens, behind the one that opens each.
  /// - Parameter limit: most tokens of a text; a longer one is cut, and its last token stays last.
  public func beginning(with prompt: [Int32], limit: Int) -> PackedText {
    guard !prompt.isEmpty else { return self }
    return PackedText(
      (0..<count).map { text in
        let own = ids[offsets[text]..<offsets[text + 1]]
        let longer = Array(own.prefix(1)) + prompt + own.dropFirst()
        return longer.count <= limit ? longer : Array(longer.prefix(limit - 1)) + own.suffix(1)
      })
  }
}
