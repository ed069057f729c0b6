public import Batching
internal import Glibc
internal import TensorEngine

/// How well photos and texts fit each other.
public struct MatchScores: Sendable {
  /// Which question the probabilities answer.
  public enum Choice: String, Sendable, CaseIterable {
    /// Which of the texts says what the photo shows: they add up to one over the texts of a photo.
    case texts
    /// Which of the photos shows what the text says: they add up to one over the photos of a text.
    case images
    /// Whether this text says what this photo shows, each pair by itself.
    case pairs
  }

  /// I
  public let images: Int
  /// T
  public let texts: Int
  public let choice: Choice
  /// exp(scale) · image · text, and the bias where there is one [I, T]
  public let logits: [Float]
  /// Softmax over what `choice` says, or sigmoid [I, T].
  public let probabilities: [Float]

  /// Radford et al., 2021, figure 3; Hugging Face's `logits_per_image`. Zhai et al., "Sigmoid Loss for Language Image
  /// Pre-Training", 2023, for pairs.
  /// - Parameter logits: [I, T]
  public init(logits: [Float], images: Int, texts: Int, over choice: Choice) {
    precondition(logits.count == images * texts, "\(logits.count) logits of \(images) images and \(texts) texts")
    self.logits = logits
    (self.images, self.texts, self.choice) = (images, texts, choice)
    var probabilities = [Float](repeating: 0, count: logits.count)
    switch choice {
    case .texts:
      for image in 0..<images { softmax(logits, (0..<texts).map { image * texts + $0 }, into: &probabilities) }
    case .images:
      for text in 0..<texts { softmax(logits, (0..<images).map { $0 * texts + text }, into: &probabilities) }
    case .pairs:
      probabilities = logits.map { Float(1 / (1 + exp(-Double($0)))) }
    }
    self.probabilities = probabilities
  }

  public func logit(image: Int, text: Int) -> Float { logits[image * texts + text] }
  public func probability(image: Int, text: Int) -> Float { probabilities[image * texts + text] }

  /// The best texts of an image, or images of a text, the best first; equal ones in their order.
  public func best(_ count: Int, ofImage image: Int) -> [Int] {
    let row = logits[image * texts..<(image + 1) * texts]
    return Array(largest(row, count))
  }
}

/// Over the places given, with the largest taken off first.
private func softmax(_ logits: [Float], _ places: [Int], into probabilities: inout [Float]) {
  let largest = places.map { logits[$0] }.max() ?? 0
  var sum: Double = 0
  for place in places { sum += exp(Double(logits[place] - largest)) }
  for place in places { probabilities[place] = Float(exp(Double(logits[place] - largest)) / sum) }
}

/// The places of the largest values, counted from the first, the largest first; equal ones in their order.
func largest(_ values: some Collection<Float>, _ count: Int) -> some Collection<Int> {
  let values = Array(values)
  return values.indices.sorted { values[$0] == values[$1] ? $0 < $1 : values[$0] > values[$1] }.prefix(count)
}

extension LoadedModel {
  /// Scores of all pairs of features.
  /// - Parameters:
  ///   - choice: nil takes pairs for a model with a bias; else the texts, or the images where there is one text for several.
  ///   - kind: what the images are.
  public func match(
    images: Features, texts: Features, over choice: MatchScores.Choice? = nil, of kind: MediaKind = .photos
  ) -> MatchScores {
    let similarities = engine.similarities(
      engine.tensor(images.values, shape: [images.count, images.width]),
      engine.tensor(texts.values, shape: [texts.count, texts.width]), scale: logitFactor(of: kind) ?? 1)
    let usual: MatchScores.Choice = logitBias != nil ? .pairs : texts.count == 1 && images.count > 1 ? .images : .texts
    return MatchScores(
      logits: similarities.values().map { $0 + (logitBias ?? 0) }, images: images.count, texts: texts.count,
      over: choice ?? usual)
  }
}
