internal import Tokenization

/// Texts of b samples as token ids: captions, questions, reports, phrases. Any sample may have none, or several.
public struct TextBatch: Equatable, Sendable {
  /// Start and end tokens included, one text after the other; nothing is padded.
  public var ids: [Int32] = []
  /// m+1 places in `ids`: text i is offsets[i] ..< offsets[i + 1].
  public var offsets: [Int32] = [0]
  /// Of the m texts, equal where they say the same (`textIdentity`).
  public var identities: [UInt64] = []
  /// Which of its sample's texts each of the m is.
  public var numbers: [Int] = []
  /// How many of the m texts belong to each sample.
  public var counts: [Int] = []

  /// m.
  public var count: Int { identities.count }

  init(_ samples: [EncodedTexts]) {
    for texts in samples {
      counts.append(texts.ids.count)
      identities += texts.identities
      numbers += texts.ids.indices.map { texts.first + $0 }
      for text in texts.ids {
        ids += text
        offsets.append(Int32(ids.count))
      }
    }
  }
}

/// Texts of one sample.
struct EncodedTexts: Sendable {
  var ids: [[Int32]] = []
  var identities: [UInt64] = []
  /// The number of the first of them among all that the sample has.
  var first = 0
}

extension SampleMaker {
  /// - Parameter texts: some in a row of all that a sample has.
  func encode(_ texts: ArraySlice<String>) -> EncodedTexts { encode(Array(texts), from: texts.startIndex) }

  func encode(_ texts: [String], from first: Int = 0) -> EncodedTexts {
    EncodedTexts(
      ids: texts.map { tokenizer.encode($0, limit: contextLength) }, identities: texts.map { textIdentity($0) },
      first: first)
  }
}
