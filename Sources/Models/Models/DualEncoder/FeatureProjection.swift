internal import Layers
internal import TensorEngine

/// What stands for an image or a text, on its way into the space that both share: standardised where that is asked for, a
/// part of it dropped while the model is trained, projected without a bias, and brought to length one.
struct FeatureProjection {
  let standardization: Standardization?
  let dropout: Dropout
  let linear: Linear

  init(
    _ builder: ParameterBuilder, _ name: String, inputs: Int, outputs: Int, isStandardized: Bool, dropout rate: Double
  ) {
    linear = Linear(
      builder, name, inputs: inputs, outputs: outputs, hasBias: false, keepsFloat32: true,
      standardDeviation: 1 / Float(inputs).squareRoot())
    standardization = isStandardized ? Standardization(builder, name, width: inputs) : nil
    dropout = Dropout(builder, name, rate: Float(rate))
  }

  /// pooled [B, W] → [B, D]
  func callAsFunction(_ pooled: Tensor, _ tape: Tape) -> Tensor {
    let standard = standardization?(pooled, tape) ?? pooled
    return tape.normalize(linear(dropout(standard, tape), tape))
  }
}
