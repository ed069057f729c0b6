internal import Models
internal import Reporting
internal import TensorEngine
internal import Tokenization

/// Captions of new images, the best of three beams. A caption travels as its tokens and what is known of it, a number each: ids are
/// far smaller than what a number holds exactly.
struct CaptioningPredictor: TaskPredictor {
  private let tokenizer: any Tokenizer
  private let settings: DecodingSettings

  init(_ decoder: TextDecoder, _ tokenizer: any Tokenizer) {
    self.tokenizer = tokenizer
    settings = DecodingSettings(.beams(3), maximumLength: min(20, decoder.contextLength))
  }

  var inputs: [Modality] { [.image] }
  var tokens: EncodedTokens { .all }
  /// The tokens, Σ ln p, and 1 where something closed it.
  var width: Int { settings.maximumLength + 2 }

  func numbers(
    _ model: any Model, images: Encoding?, texts: Encoding?, _ samples: [PooledReader.Sample], _ tape: Tape
  ) -> Tensor {
    guard let model = model as? any TextGenerator, let images else {
      preconditionFailure("captions are asked of a model that writes none, or of no images")
    }
    let seen = images.selecting(samples.compactMap(\.image), tape)
    let written = TextWriter(model.decoder, settings).write(model.context(seen, nil, tape), tape)
    return tape.engine.tensor(written.flatMap(row), shape: [written.count, width])
  }

  private func row(_ text: WrittenText) -> [Float] {
    let free = settings.maximumLength - text.tokens.count
    return text.tokens.map { Float($0) } + [Float](repeating: -1, count: free)
      + [Float(text.logProbability), text.isClosed ? 1 : 0]
  }

  /// How captions are written, in words.
  var way: String { "the best of three beams of at most \(settings.maximumLength) tokens" }

  /// Whether the model itself has ended what a row of numbers stands for.
  func isClosed(_ row: ArraySlice<Float>) -> Bool { row.last == 1 }

  /// The words that a row of numbers stands for.
  func caption(_ row: ArraySlice<Float>) -> String {
    let ids = row.prefix(settings.maximumLength).filter { $0 >= 0 }.map { Int32($0) }
    return tokenizer.decode(Array(ids.dropFirst().dropLast(isClosed(row) ? 1 : 0)))
  }

  func prediction(_ numbers: ArraySlice<Float>, top: Int) -> TaskPrediction {
    let row = Array(numbers)
    let (caption, isClosed) = (caption(numbers), isClosed(numbers))
    let written = row.prefix(settings.maximumLength).count { $0 >= 0 } - 1
    let mean = Double(row[settings.maximumLength]) / Double(max(written, 1))
    return TaskPrediction(
      members: [
        ("caption", .text(caption)), ("log_probability", .float(row[settings.maximumLength])),
        ("tokens", .integer(written)), ("is_cut", .flag(!isClosed)),
      ],
      lines: ["\(caption)  (\(decimals(mean, 2)) a token\(isClosed ? "" : ", cut"))"])
  }
}
