internal import Foundation

/// What was told of some masked tokens.
public struct MaskedTextSums: BitwiseCopyable, Sendable {
  public private(set) var tokens: Int
  public private(set) var right: Int
  /// Of -log p.
  public private(set) var costs: Double

  public init(tokens: Int = 0, right: Int = 0, costs: Double = 0) {
    (self.tokens, self.right, self.costs) = (tokens, right, costs)
  }

  /// Adds a token's logits.
  public mutating func add(_ logits: some RandomAccessCollection<Float>, target: Int) {
    let largest = logits.max() ?? 0
    let sum = logits.reduce(0.0) { $0 + exp(Double($1 - largest)) }
    let own = logits[logits.index(logits.startIndex, offsetBy: target)]
    tokens += 1
    right += own == largest ? 1 : 0
    costs += log(sum) - Double(own - largest)
  }

  mutating func add(_ other: MaskedTextSums, times: Int = 1) {
    tokens += times * other.tokens
    right += times * other.right
    costs += Double(times) * other.costs
  }

  var accuracy: Double { 100 * Double(right) / Double(tokens) }
  var perplexity: Double { exp(costs / Double(tokens)) }
}

/// The masked tokens of a split, an image's together, with their own images and where it was asked for with others.
struct MaskedTextSplit {
  private let own: [MaskedTextSums]
  private let blind: [MaskedTextSums]?

  /// - Parameters:
  ///   - captions: with their own images.
  ///   - others: the same captions with other images, or none.
  init(_ captions: [MaskedTextSums], _ others: [MaskedTextSums], imageOfCaption: [Int]) throws(EvaluationError) {
    for found in [captions.count, others.isEmpty ? captions.count : others.count] where found != imageOfCaption.count {
      throw .count(what: "captions with masked tokens", found: found, expected: imageOfCaption.count)
    }
    let images = (imageOfCaption.max() ?? -1) + 1
    func sums(_ captions: [MaskedTextSums]) -> [MaskedTextSums] {
      zip(captions, imageOfCaption).reduce(into: [MaskedTextSums](repeating: MaskedTextSums(), count: images)) {
        $0[$1.1].add($1.0)
      }
    }
    own = sums(captions)
    blind = others.isEmpty ? nil : sums(others)
  }

  var tokens: Int { own.reduce(0) { $0 + $1.tokens } }

  /// As they are, each image once.
  var figures: [Double] { figures([Int](repeating: 1, count: own.count)) }

  /// Accuracy and perplexity; with other images as well, the same of those, and the differences. Each image's captions are
  /// there as often as it is.
  func figures(_ times: [Int]) -> [Double] {
    let seen = total(own, times)
    guard let unseen = blind.map({ total($0, times) }) else { return [seen.accuracy, seen.perplexity] }
    return [
      seen.accuracy, seen.perplexity, unseen.accuracy, unseen.perplexity, seen.accuracy - unseen.accuracy,
      seen.perplexity - unseen.perplexity,
    ]
  }

  private func total(_ images: [MaskedTextSums], _ times: [Int]) -> MaskedTextSums {
    zip(images, times).reduce(into: MaskedTextSums()) { $0.add($1.0, times: $1.1) }
  }
}
