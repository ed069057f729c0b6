internal import Models
internal import Objectives
internal import TensorEngine

/// What it costs to carry the words of pairs to their regions, and by which plan. Image i meets text i.
struct AlignmentCase: CasePart {
  /// Other programs say in `ot_scatter` how they put the padding back.
  static let inputs = JointCase.inputs + [labels, "input.ot_scatter"]
  static let results = [cost, plan, distances, loss]
  /// As UNITER's authors add it to the loss of matching.
  static let weights: [String: Float] = [loss: 0.1]

  /// 1 where they belong together [B].
  private static let labels = "input.itm_labels"
  /// [B, T, R], and [B]
  private static let (cost, plan) = ("output.alignment_cost", "output.alignment_plan")
  private static let distances = "output.alignment_distances"
  /// The distances of pairs that belong together less those of the others, over the number of all.
  private static let loss = "loss.alignment"

  private let model: any AlignmentModel

  init?(_ model: any Model) {
    // Of models whose words and regions can be compared, single streams are those that are published with it.
    guard model is any SingleStreamModel, let model = model as? any AlignmentModel else { return nil }
    self.model = model
  }

  func result(_ name: String, of run: CaseRun) throws -> Tensor {
    let joint = try run.joint(model, for: name)
    let (distances, plans) = model.transport(joint, run.tape)
    switch name {
    case Self.distances: return run.tape.engine.tensor(distances.values(), shape: [distances.rows])
    case Self.loss:
      let labels = try run.integers(Self.labels, [distances.rows], in: 0..<2, for: name)
      return alignmentLoss(distances, belongs: labels.map { $0 == 1 }, count: labels.count, run.tape)
    default:
      let compared = model.compared(joint, run.tape)
      return try padded(name == Self.plan ? plans : costs(compared, run.tape), name, compared, run)
    }
  }

  private typealias Compared = (texts: Encoding, images: Encoding)

  /// 1 - cosine of each word and region of each pair.
  private func costs(_ compared: Compared, _ tape: Tape) -> [[Float]] {
    let (texts, images) = (tape.normalize(compared.texts.states), tape.normalize(compared.images.states))
    return (0..<compared.texts.count).map { pair in
      let words = Array(compared.texts.offsets[pair]..<compared.texts.offsets[pair + 1])
      let regions = Array(compared.images.offsets[pair]..<compared.images.offsets[pair + 1])
      return tape.engine.similarities(tape.gatherRows(texts, words), tape.gatherRows(images, regions)).values()
        .map { 1 - $0 }
    }
  }

  /// Zeros where a pair has no word or no region.
  private func padded(_ values: [[Float]], _ name: String, _ compared: Compared, _ run: CaseRun) throws -> Tensor {
    let shape = run.arrayShape(name)
    let (words, regions) = (lengths(compared.texts), lengths(compared.images))
    guard shape.count == 3, shape[0] == values.count, words.allSatisfy({ $0 <= shape[1] }),
      regions.allSatisfy({ $0 <= shape[2] })
    else {
      throw run.mistaken(
        name,
        "has the shape \(shape), and the model gives [\(values.count), \(words.max() ?? 0), \(regions.max() ?? 0)]")
    }
    var all = [Float](repeating: 0, count: shape.reduce(1, *))
    for (pair, own) in values.enumerated() {
      for (place, value) in own.enumerated() {
        let (word, region) = (place / regions[pair], place % regions[pair])
        all[(pair * shape[1] + word) * shape[2] + region] = value
      }
    }
    return run.tape.engine.tensor(all, shape: shape)
  }

  private func lengths(_ encoding: Encoding) -> [Int] {
    zip(encoding.offsets, encoding.offsets.dropFirst()).map { $1 - $0 }
  }
}
