internal import Glibc
public import TensorEngine

/// How well images and texts fit, by what a model has to say it.
public protocol PairScorer {
  /// In a word.
  var name: String { get }
  /// The probability that a score stands for; nil where it stands for none.
  func probability(_ score: Float) -> Float?
  /// Of each pair.
  func scores(_ images: Encoding, _ texts: Encoding, _ pairs: [ImageTextPair], _ engine: Engine) -> [Float]
  /// Of the first image with the first text, to be differentiated.
  func differentiable(_ images: Encoding, _ texts: Encoding, _ tape: Tape) -> DifferentiableScore
}

/// The score of a pair, and what it is made of.
public struct DifferentiableScore {
  public let value: Float
  /// With the gradients of the score with respect to them.
  let outputs: [(tensor: Tensor, gradient: Tensor)]
  /// The states of which some rows, the pooled ones, are what the score reads.
  let states: [(stream: TokenStream, encoding: Encoding)]
}

/// The difference of a matching head's two logits: its sigmoid is the probability of a match.
struct MatchScorer: PairScorer {
  let model: any MatchingModel

  var name: String { "match" }

  func probability(_ score: Float) -> Float? { 1 / (1 + exp(-score)) }

  func scores(_ images: Encoding, _ texts: Encoding, _ pairs: [ImageTextPair], _ engine: Engine) -> [Float] {
    PairMatcher(model, engine).scores(pairs, images, texts)
  }

  func differentiable(_ images: Encoding, _ texts: Encoding, _ tape: Tape) -> DifferentiableScore {
    let joint = model.join(images, texts, [ImageTextPair(image: 0, text: 0)], tape)
    let logits = model.match(joint, tape)
    let values = logits.values()
    return DifferentiableScore(
      value: values[1] - values[0], outputs: [(logits, tape.engine.tensor([-1, 1], shape: logits.shape))],
      states: [(Modality.text.stream, joint.texts), (Modality.image.stream, joint.images)])
  }
}

/// The cosine of two towers' features. What is differentiated is the logit, by which the model was trained: the factor of
/// all logits decides how much an attention counts beside the residual stream.
struct CosineScorer: PairScorer {
  let model: any FeatureModel

  var name: String { "cosine" }

  func probability(_ score: Float) -> Float? { nil }

  func scores(_ images: Encoding, _ texts: Encoding, _ pairs: [ImageTextPair], _ engine: Engine) -> [Float] {
    let tape = Tape(engine, recording: false)
    let cosines = engine.similarities(model.imageFeatures(images, tape), model.textFeatures(texts, tape)).values()
    return pairs.map { cosines[$0.image * texts.count + $0.text] }
  }

  func differentiable(_ images: Encoding, _ texts: Encoding, _ tape: Tape) -> DifferentiableScore {
    let (image, text) = (model.imageFeatures(images, tape), model.textFeatures(texts, tape))
    let factor = Float(model.logitFactor)
    let scaled = { (x: Tensor) in tape.engine.tensor(x.values().map { factor * $0 }, shape: x.shape) }
    return DifferentiableScore(
      value: zip(image.values(), text.values()).reduce(0) { $0 + $1.0 * $1.1 },
      outputs: [(image, scaled(text)), (text, scaled(image))],
      states: [(Modality.text.stream, texts), (Modality.image.stream, images)])
  }
}
