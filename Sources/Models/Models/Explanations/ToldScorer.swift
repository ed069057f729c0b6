public import TensorEngine

/// The logit of one of the things that a head tells of an image and a text where they meet: of an answer, of a class.
public struct ToldScorer: PairScorer {
  private let model: any JointModel
  private let head: ClassHead
  private let number: Int
  public let name: String

  /// Nil where the head does not read both, or they do not meet.
  /// - Parameters:
  ///   - number: which of the things that are told.
  ///   - name: what it is, in a word.
  public init?(_ head: ClassHead, on model: any Model, telling number: Int, name: String) {
    guard let model = model as? any JointModel, head.reader.modalities.contains(.text), head.reader.modalities.count > 1
    else { return nil }
    (self.model, self.head, self.number, self.name) = (model, head, number, name)
  }

  public func probability(_ score: Float) -> Float? { nil }

  public func scores(_ images: Encoding, _ texts: Encoding, _ pairs: [ImageTextPair], _ engine: Engine) -> [Float] {
    let tape = Tape(engine, recording: false)
    let logits = logits(model.join(images, texts, pairs, tape), tape)
    let values = logits.values()
    return pairs.indices.map { values[$0 * logits.columns + number] }
  }

  public func differentiable(_ images: Encoding, _ texts: Encoding, _ tape: Tape) -> DifferentiableScore {
    let joint = model.join(images, texts, [ImageTextPair(image: 0, text: 0)], tape)
    let logits = logits(joint, tape)
    let gradient = (0..<logits.columns).map { Float($0 == number ? 1 : 0) }
    return DifferentiableScore(
      value: logits.values()[number], outputs: [(logits, tape.engine.tensor(gradient, shape: logits.shape))],
      states: [(Modality.text.stream, joint.texts), (Modality.image.stream, joint.images)])
  }

  private func logits(_ joint: JointStates, _ tape: Tape) -> Tensor { head(model.pooled(joint, tape), tape) }
}
