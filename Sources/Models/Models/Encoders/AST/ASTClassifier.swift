internal import Layers
public import TensorEngine

/// An audio spectrogram transformer with the head that it was published with: a norm and a linear layer over what stands for a clip.
/// Keys are those of transformers' `ASTForAudioClassification`.
public final class ASTClassifier: PublishedClassifier {
  public let configuration: ASTClassifierConfiguration
  public let imageEncoder: any ImageEncoder
  private let norm: LayerNorm
  private let linear: Linear

  init(_ configuration: ASTClassifierConfiguration, _ builder: ParameterBuilder) {
    self.configuration = configuration
    let audio = configuration.audio
    imageEncoder = audio.makeEncoder(builder[ASTClassifierConfiguration.tower])
    let head = builder[ASTClassifierConfiguration.head]
    norm = LayerNorm(head, "layernorm", width: audio.width, epsilon: audio.epsilon, keepsFloat32: true)
    linear = Linear(
      head, "dense", inputs: audio.width, outputs: configuration.classCount, keepsFloat32: true,
      standardDeviation: ASTConfiguration.deviation)
  }

  public var description: any ModelDescription { configuration }

  public func classify(_ images: Encoding, _ tape: Tape) -> Tensor {
    linear(norm(imageEncoder.pooled(images, tape), tape), tape)
  }
}
