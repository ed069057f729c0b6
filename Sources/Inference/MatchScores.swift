internal import Glibc
internal import TensorEngine

/// How well photos and texts fit each other.
public struct MatchScores: Sendable {
  /// What the probabilities add up to one over.
  public enum Choice: String, Sendable, CaseIterable {
    /// For each photo over the texts: which text says what it shows.
    case texts
    /// For each text over the photos: which photo shows what it says.
    case images
  }

  /// I
  public let images: Int
  /// T
  public let texts: Int
  public let choice: Choice
  /// exp(scale) · image · text [I, T]
  public let logits: [Float]
  /// Of the softmax over what `choice` says [I, T].
  public let probabilities: [Float]

  /// Radford et al., 2021, figure 3; Hugging Face's `logits_per_image`.
  /// - Parameters:
  ///   - logits: [I, T]
  ///   - choice: nil takes the texts, or the images where there is one text only.
  public init(logits: [Float], images: Int, texts: Int, over choice: Choice? = nil) {
    precondition(logits.count == images * texts, "\(logits.count) logits of \(images) images and \(texts) texts")
    self.logits = logits
    (self.images, self.texts) = (images, texts)
    self.choice = choice ?? (texts == 1 && images > 1 ? .images : .texts)
    var probabilities = [Float](repeating: 0, count: logits.count)
    switch self.choice {
    case .texts:
      for image in 0..<images {
        softmax(logits, (0..<texts).map { image * texts + $0 }, into: &probabilities)
      }
    case .images:
      for text in 0..<texts {
        softmax(logits, (0..<images).map { $0 * texts + text }, into: &probabilities)
      }
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
  /// Scores of all pairs.
  public func match(images: Features, texts: Features, over choice: MatchScores.Choice? = nil) -> MatchScores {
    let similarities = engine.similarities(
      engine.tensor(images.values, shape: [images.count, images.width]),
      engine.tensor(texts.values, shape: [texts.count, texts.width]), scale: logitFactor)
    return MatchScores(logits: similarities.values(), images: images.count, texts: texts.count, over: choice)
  }
}
