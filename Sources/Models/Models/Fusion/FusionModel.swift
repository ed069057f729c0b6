public import Layers
public import TensorEngine

/// Any encoder of images and any of texts, and behind them layers in which all tokens see each other (early), none sees the other
/// modality's (late), both side by side (hybrid), or a few shared tokens carry what they know (bottleneck). What stands for a pair goes
/// to a head that says whether image and text belong together.
public final class FusionModel: MatchingModel, MaskedTextModel, FoldableModel {
  public let configuration: FusionModelConfiguration
  public let imageEncoder: any ImageEncoder
  public let textEncoder: any TextEncoder
  /// To the width of the fusion layers; nil where states have it.
  private let projections: (texts: Linear?, images: Linear?)
  private let fusion: any TokenJoin
  let matchingHead: MatchingHead
  public let maskedTextHead: MaskedTextHead?
  private let regions: RegionReader
  let regionHeads: RegionHeads

  public convenience init(_ configuration: FusionModelConfiguration, _ builder: ParameterBuilder) {
    self.init(configuration, builder) { configuration.imageEncoder($0) }
  }

  private init(
    _ configuration: FusionModelConfiguration, _ builder: ParameterBuilder,
    imageEncoder: (ParameterBuilder) -> any ImageEncoder
  ) {
    self.configuration = configuration
    let (sizes, own) = (configuration.fusion, builder["fusion"])
    textEncoder = configuration.words.makeEncoder(builder["text_model"])
    self.imageEncoder = imageEncoder(builder)
    regions = RegionReader(self.imageEncoder as? any PictureEncoder)
    let projection = { (name: String, inputs: Int) -> Linear? in
      inputs == sizes.width
        ? nil
        : Linear(
          own, name, inputs: inputs, outputs: sizes.width, keepsFloat32: true,
          standardDeviation: 1 / Float(inputs).squareRoot())
    }
    projections = (
      projection("text_projection", configuration.words.width),
      configuration.images.tower.flatMap { projection("image_projection", $0.width) }
    )
    fusion = sizes.form.join(sizes.transformer, own)
    matchingHead = MatchingHead(inputs: sizes.width, width: sizes.width, builder["matching_head"])
    maskedTextHead =
      configuration.hasMaskedTextHead
      ? MaskedTextHead(
        inputs: sizes.width, norm: nil, tokenEmbedding: textEncoder.tokenEmbedding, epsilon: sizes.epsilon,
        builder["masked_text_head"]) : nil
    regionHeads = RegionHeads(
      configuration.regionHeads, of: configuration.images, width: sizes.width, epsilon: sizes.epsilon, builder)
  }

  public var description: any ModelDescription { configuration }

  public var hasLayersApart: Bool { fusion.hasLayersApart }

  public func apart(images: Encoding, _ tape: Tape) -> Encoding {
    fusion.apart(images: projections.images.map { images.with($0(images.states, tape)) } ?? images, tape)
  }

  public func apart(texts: Encoding, _ tape: Tape) -> Encoding {
    fusion.apart(texts: projections.texts.map { texts.with($0(texts.states, tape)) } ?? texts, tape)
  }

  public func meet(_ images: Encoding, _ texts: Encoding, _ pairs: [ImageTextPair], _ tape: Tape) -> JointStates {
    fusion.meet(images, texts, pairs, tape)
  }

  public func join(_ images: Encoding, _ texts: Encoding, _ pairs: [ImageTextPair], _ tape: Tape) -> JointStates {
    let texts = apart(texts: texts, tape)
    return meet(apart(images: images, tape), texts, pairs, tape)
  }

  public var pooledWidth: Int { configuration.fusion.width }
  public func pooled(_ joint: JointStates, _ tape: Tape) -> Tensor { joint.madeVectors }

  public func match(_ joint: JointStates, _ tape: Tape) -> Tensor { matchingHead(pooled(joint, tape), tape) }
}

extension FusionModelConfiguration {
  fileprivate func imageEncoder(_ builder: ParameterBuilder) -> any ImageEncoder {
    switch images.kind {
    case .given(let shape):
      RegionTokens(shape, width: fusion.width, epsilon: fusion.epsilon, builder["region_tokens"])
    case .tower(let tower): tower.makeEncoder(builder[tower.places.tower])
    }
  }
}

extension FusionForm {
  fileprivate func join(_ configuration: TransformerConfiguration, _ builder: ParameterBuilder) -> any TokenJoin {
    switch self {
    case .early: EarlyFusion(configuration, builder["joint"])
    case .late(let kind): LateFusion(configuration, kind, builder)
    case .hybrid(let kind): HybridFusion(configuration, kind, builder)
    case .bottleneck(let tokens, let firstLayer):
      BottleneckFusion(configuration, bottlenecks: tokens, firstLayer: firstLayer, builder)
    }
  }
}

/// Where layers let words and places see each other: late fusion says before it is made that it has none
/// (`ModelPart.comparableStates`).
extension FusionModel: AlignmentModel {}

extension FusionModel: MaskedRegionModel {
  public var tokensBeforeRegions: Int { configuration.images.startsWithWhole ? 1 : 0 }
  public var publishedRegionsAreHidden: Bool { false }
  public var hasRegionHead: Bool { regionHeads.areThere }

  public func boxesOfRegions(in images: ImageInput) -> [[Box]] { regions.boxesOfRegions(in: images) }

  public func features(of images: ImageInput, at places: [[Int]], _ engine: Engine) -> Tensor? {
    regions.features(of: images, at: places, engine)
  }

  public func pixels(of images: ImageInput, at places: [[Int]], _ engine: Engine) -> Tensor? {
    regions.pixels(of: images, at: places, engine)
  }

  public func classes(ofRegions states: Tensor, _ tape: Tape) -> Tensor? { regionHeads.classes?(states, tape) }
  public func features(ofRegions states: Tensor, _ tape: Tape) -> Tensor? { regionHeads.features?(states, tape) }
  public func pixels(ofRegions states: Tensor, _ tape: Tape) -> Tensor? { regionHeads.pixels?(states, tape) }
}

extension FusionModel: AddingModel {
  public var addsModalities: Bool { (fusion as? LateFusion)?.vectors.adds == true }

  public func pooled(apart vectors: [Tensor], _ tape: Tape) -> Tensor {
    guard let late = fusion as? LateFusion else { preconditionFailure("modalities meet before their vectors do") }
    let own = { (modality: Modality) in vectors[Modality.allCases.firstIndex(of: modality) ?? 0] }
    return late.vector(image: own(.image), text: own(.text), tape)
  }
}

// MARK: Inference

extension FusionModel {
  public func folded(_ builder: ParameterBuilder) -> (model: any FoldableModel, fill: () -> Void)? {
    guard let foldable = imageEncoder as? any FoldableEncoder else { return nil }
    let places = configuration.images.tower?.places ?? .pictures
    var fill = {}
    let model = FusionModel(configuration, builder) {
      let folded = foldable.folded($0[places.tower])
      fill = folded.fill
      return folded.encoder
    }
    return (model, fill)
  }
}
