import Layers
import Models
import Tokenization

/// A captioner of a few words that looks at photos of 16 pixels, and what its tokens are.
struct SmallWriter {
  static let words = ["a", "dog", "runs", "cat", "sits", "red"]

  let model: any TextGenerator
  let arena: ParameterArena
  let tokenizer: any Tokenizer

  /// - Parameter words: tokens that are words; behind them come the one that closes a text and the one that opens it.
  init(words: Int = words.count, contextLength: Int = 8) throws {
    var configuration = BLIPConfiguration()
    var vision = BLIPVisionConfiguration()
    (vision.imageSize, vision.patchSize, vision.width, vision.intermediate) = (16, 8, 8, 12)
    (vision.layerCount, vision.heads) = (1, 2)
    configuration.vision = vision
    (configuration.text.vocabularySize, configuration.text.positions) = (words + 2, contextLength)
    (configuration.text.width, configuration.text.intermediate) = (8, 12)
    (configuration.text.layerCount, configuration.text.heads) = (1, 2)
    configuration.bounds = TextBounds(start: Int32(words + 1), stop: Int32(words))
    let builder = ParameterBuilder()
    guard let made = configuration.make(builder) as? any TextGenerator else {
      preconditionFailure("a captioner of these sizes can be made")
    }
    (model, arena, tokenizer) = (made, ParameterArena(builder), SmallWords(count: words))
    arena.initialize(seed: 3)
    // Surer of what it says than one that is drawn with 0.02, and not as sure as so narrow a one begins.
    for slice in arena.slices {
      let weights = arena.weights(of: slice)
      let drawn: Float = if case .normal(let deviation) = slice.initialization { 0.02 / deviation } else { 1 }
      for index in weights.indices { weights[index] *= 4 * drawn }
    }
  }
}

/// Tokens of a few words.
private struct SmallWords: Tokenizer {
  let count: Int

  var vocabularySize: Int { count + 2 }
  var startToken: Int32 { Int32(count + 1) }
  var endToken: Int32 { Int32(count) }
  var padToken: Int32 { Int32(count) }
  var maskingVocabulary: MaskingVocabulary {
    MaskingVocabulary(tokens: [], mask: nil, start: startToken, specials: [startToken, endToken])
  }
  var sourceJSON: [UInt8]? { nil }

  func encodeBody(_ text: String, limit: Int) -> [Int32] {
    text.split(separator: " ").compactMap { word in
      SmallWriter.words.firstIndex(of: String(word)).map { Int32($0) }
    }
  }

  func decode(_ ids: [Int32]) -> String {
    ids.filter { $0 < count }.map { SmallWriter.words[Int($0)] }.joined(separator: " ")
  }

  func huggingFaceJSON() throws -> [UInt8] { [] }
}
