public import Layers
public import TensorEngine

/// A number for each class, or each answer, of what stands for a sample.
public struct ClassHead {
  /// What stands between a sample's vector and the numbers.
  public enum Form: Sendable {
    /// Nothing: a linear layer, as probes have it.
    case linear
    /// A layer twice as wide, GELU and a norm (`AnswerHead`).
    case perceptron
  }

  public let reader: PooledReader
  private let linear: Linear?
  private let perceptron: AnswerHead?

  /// - Parameter outputs: classes.
  public init(_ reader: PooledReader, outputs: Int, _ form: Form, _ builder: ParameterBuilder) {
    self.reader = reader
    switch form {
    case .linear:
      linear = Linear(
        builder, "output", inputs: reader.width, outputs: outputs, keepsFloat32: true, standardDeviation: 0.02)
      perceptron = nil
    case .perceptron:
      linear = nil
      perceptron = AnswerHead(
        inputs: reader.width, width: 2 * reader.width, outputs: outputs, epsilon: 1e-12, deviation: 0.02,
        builder["output"])
    }
  }

  /// Vectors of samples [N, W] → logits [N, classes].
  public func callAsFunction(_ vectors: Tensor, _ tape: Tape) -> Tensor {
    linear?(vectors, tape) ?? perceptron?(vectors, tape) ?? vectors
  }

  /// Logits of samples [N, classes]; images, texts and samples as `PooledReader` has them.
  public func callAsFunction(
    _ model: any Model, images: Encoding?, texts: Encoding?, _ samples: [PooledReader.Sample], _ tape: Tape
  ) -> Tensor {
    self(reader(model, images: images, texts: texts, samples, tape), tape)
  }

  /// The same of a model that may hear clips beside images.
  public func callAsFunction(
    _ model: any Model, _ encodings: ModalityEncodings, _ samples: [PooledReader.Sample], _ tape: Tape
  ) -> Tensor {
    self(
      reader(model, images: encodings.images, texts: encodings.texts, clips: encodings.clips, samples, tape), tape)
  }
}
