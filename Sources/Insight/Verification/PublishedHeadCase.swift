internal import Models
internal import TensorEngine

/// The heads of tasks that a model was published with, and what the first of them learns by. Image i meets text i.
struct PublishedHeadCase: CasePart {
  static let inputs = JointCase.inputs + [answers]
  static let results = [
    "output.vqa_logits", "output.gqa_logits", "output.binary_logits", "output.entailment_logits",
    "output.alignment_score", "output.rank_scores", "output.region_scores", "output.token_scores", loss,
  ]

  /// Soft scores [B, A], from 0 to 1.
  private static let answers = "input.answer_targets"
  /// Binary cross-entropy, the mean over all answers of all pairs times the number of answers.
  private static let loss = "loss.vqa"

  private let model: any PublishedHeadModel
  private let heads: [PublishedHead]
  let results: [String]

  init?(_ model: any Model) {
    guard let model = model as? any PublishedHeadModel, !model.publishedHeads.isEmpty else { return nil }
    (self.model, heads) = (model, model.publishedHeads)
    results = heads.map { "output." + $0.name } + [Self.loss]
  }

  func result(_ name: String, of run: CaseRun) throws -> Tensor {
    let joint = try run.joint(model, for: name)
    let head = head(name)
    guard head.rows != .twoPairs || joint.textOfPair.count % 2 == 0 else {
      throw run.mistaken("input.input_ids", "holds \(joint.textOfPair.count) texts, and \(name) is of two each")
    }
    let logits = head.logits(joint, run.tape)
    guard name == Self.loss else { return logits }
    let targets = try run.floats(Self.answers, [logits.rows, logits.columns], for: name)
    return run.tape.binaryCrossEntropy(logits, targets: targets, count: logits.rows)
  }

  func slots(_ name: String, of run: CaseRun) throws -> CaseSlots? {
    let joint = try run.joint(model, for: name)
    return switch head(name).rows {
    case .textTokens: try run.slots(name, of: joint.texts.offsets)
    case .imageTokens: try run.slots(name, of: joint.images.offsets)
    case .pairs, .twoPairs: nil
    }
  }

  private func head(_ name: String) -> PublishedHead {
    guard let head = heads.first(where: { "output." + $0.name == (name == Self.loss ? Self.results[0] : name) }) else {
      preconditionFailure("no head gives \(name)")
    }
    return head
  }
}
