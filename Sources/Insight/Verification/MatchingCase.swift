internal import Models
internal import TensorEngine

/// Whether image and text of a pair belong together.
struct MatchingCase: CasePart {
  static let inputs = FeatureCase.inputs + [pairs, labels]
  static let results = [logits, "loss.itm", elements]
  static let weights: [String: Float] = [elements: 0]

  /// Image and text of each pair [N, 2]; without it image i meets text i.
  private static let pairs = "input.pairs"
  /// 1 where they belong together [N]; 0 for models whose authors count so.
  private static let labels = "input.itm_labels"
  private static let logits = "output.itm_logits"
  /// Of each pair [N].
  private static let elements = "loss.itm_elements"
  /// Joint states of a few bytes in a file are many in memory.
  private static let limit = 4096

  private let model: any MatchingModel

  init?(_ model: any Model) {
    guard let model = model.matching else { return nil }
    self.model = model
  }

  func result(_ name: String, of run: CaseRun) throws -> Tensor {
    let (images, texts) = (try run.images(model, for: name), try run.texts(model, for: name))
    let pairs = try pairs(images.count, texts.count, name, run)
    let logits = model.match(model.join(images, texts, pairs, run.tape), run.tape)
    // The file counts as the model's authors do.
    let match = model.publishedMatchIndex
    if name == Self.logits { return match == 1 ? logits : run.tape.gatherColumns(logits, [1, 0]) }
    let labels = try run.integers(Self.labels, [pairs.count], in: 0..<2, for: name)
    let targets: [Int32] = labels.map { $0 == match ? 1 : 0 }
    return name == Self.elements
      ? run.tape.engine.crossEntropies(logits, targets: targets)
      : run.tape.crossEntropy(logits, targets: targets, count: pairs.count)
  }

  private func pairs(_ images: Int, _ texts: Int, _ name: String, _ run: CaseRun) throws -> [ImageTextPair] {
    guard run.has(Self.pairs) else {
      guard images == texts else {
        throw run.mistaken(
          "input.input_ids", "holds \(texts) texts for \(images) images, and no \(Self.pairs) says which meet")
      }
      return (0..<images).map { ImageTextPair(image: $0, text: $0) }
    }
    let values = try run.integers(Self.pairs, [nil, 2], for: name)
    guard values.count / 2 <= Self.limit else {
      throw run.mistaken(Self.pairs, "holds \(values.count / 2) pairs, and at most \(Self.limit) are joined at once")
    }
    return try stride(from: 0, to: values.count, by: 2).map { start in
      let (image, text) = (values[start], values[start + 1])
      guard (0..<images).contains(image), (0..<texts).contains(text) else {
        throw run.mistaken(Self.pairs, "lets image \(image) meet text \(text), and there are \(images) and \(texts)")
      }
      return ImageTextPair(image: image, text: text)
    }
  }
}
