public import Layers
public import TensorEngine

/// Any tower of pictures, any of texts and any of clips. In layers behind them the three meet two by two, Z = Combine(CA(image, text),
/// CA(image, audio), CA(text, audio)); what stands for each apart is projected into a space that all share, with a temperature for each
/// pair. A sample may lack any of the three.
public final class TrimodalModel: PairwiseFeatureModel, PairwiseJointModel {
  public let configuration: TrimodalConfiguration
  public let imageEncoder: any ImageEncoder
  public let textEncoder: any TextEncoder
  public let clipEncoder: any ImageEncoder
  /// In the order of `Modality.allCases`, and likewise of `ModalityPair.all`.
  private let projections: [FeatureProjection]
  private let logitScales: [Parameter]
  private let fusion: PairwiseJoin

  public init(_ configuration: TrimodalConfiguration, _ builder: ParameterBuilder) {
    self.configuration = configuration
    logitScales = ModalityPair.all.map {
      builder.parameter("logit_scale_\($0.name)", [], .constant(configuration.initialLogitScale))
    }
    textEncoder = configuration.words.makeEncoder(builder["text_model"])
    imageEncoder = configuration.vision.makeEncoder(builder[configuration.vision.places.tower])
    clipEncoder = configuration.clips.makeEncoder(builder[configuration.clips.places.tower])
    let inputs = [
      (configuration.vision.places.projection, configuration.vision.width),
      ("text_projection", configuration.words.width),
      (configuration.clips.places.projection, configuration.clips.width),
    ]
    projections = inputs.map { name, width in
      FeatureProjection(
        builder, name, inputs: width, outputs: configuration.embeddingWidth, isStandardized: false, dropout: 0)
    }
    let widths = inputs.map(\.1)
    fusion = PairwiseJoin(
      configuration.fusion, configuration.combination, widths: { widths[$0.place] }, builder["fusion"])
  }

  public var description: any ModelDescription { configuration }

  // MARK: Features

  public var featureWidth: Int { configuration.embeddingWidth }

  public func features(_ encoding: Encoding, of modality: Modality, _ tape: Tape) -> Tensor {
    projections[modality.place](pooled(encoding, of: modality, tape), tape)
  }

  public func logitScale(of pair: ModalityPair) -> Parameter {
    logitScales[ModalityPair.all.firstIndex(of: pair) ?? 0]
  }

  private func pooled(_ encoding: Encoding, of modality: Modality, _ tape: Tape) -> Tensor {
    switch modality {
    case .image: imageEncoder.pooled(encoding, tape)
    case .text: textEncoder.pooled(encoding, tape)
    case .audio: clipEncoder.pooled(encoding, tape)
    }
  }

  // MARK: Meeting

  public var jointWidth: Int { fusion.width }

  public func join(_ encodings: ModalityEncodings, _ samples: [PooledReader.Sample], _ tape: Tape) -> Tensor {
    fusion(encodings, samples, tape)
  }
}
