public import Layers
public import TensorEngine

/// Two towers, then layers in which text queries image and image queries text; both streams are pooled and
/// joined, and a head says whether they belong together.
///
/// The contrastive loss acts on the towers, image–text matching on the fusion, as in ALBEF (Li et al., "Align before
/// Fuse", 2021).
public final class CrossAttentionModel: FeatureModel, MatchingModel, MaskedTextModel, FoldableModel {
  public let configuration: CrossAttentionConfiguration
  public let towers: any FeatureModel
  let fusion: CrossAttentionJoin
  let matchingHead: MatchingHead
  public let maskedTextHead: MaskedTextHead?
  private let regions: RegionReader
  let regionHeads: RegionHeads

  public convenience init(_ configuration: CrossAttentionConfiguration, _ builder: ParameterBuilder) {
    self.init(configuration, towers: configuration.pair.makePair(builder), builder)
  }

  private init(_ configuration: CrossAttentionConfiguration, towers: any FeatureModel, _ builder: ParameterBuilder) {
    (self.configuration, self.towers) = (configuration, towers)
    let pair = configuration.pair
    fusion = CrossAttentionJoin(
      configuration.fusion, textWidth: pair.textWidth, imageWidth: pair.imageWidth, builder["fusion"])
    let width = configuration.fusion.width
    matchingHead = MatchingHead(inputs: 2 * width, width: width, builder["matching_head"])
    maskedTextHead =
      configuration.hasMaskedTextHead
      ? MaskedTextHead(
        inputs: width, norm: fusion.textNorm, tokenEmbedding: towers.textEncoder.tokenEmbedding,
        epsilon: configuration.fusion.epsilon, builder["masked_text_head"]) : nil
    regions = RegionReader(towers.imageEncoder as? any PictureEncoder)
    regionHeads = RegionHeads(
      configuration.regionHeads, of: configuration.regions, width: width, epsilon: configuration.fusion.epsilon,
      builder)
  }

  public var description: any ModelDescription { configuration }
  public var imageEncoder: any ImageEncoder { towers.imageEncoder }
  public var textEncoder: any TextEncoder { towers.textEncoder }
  public var logitScale: Parameter { towers.logitScale }
  public var logitBias: Parameter? { towers.logitBias }
  public var standardizations: [Modality: Standardization] { towers.standardizations }

  public func imageFeatures(_ images: Encoding, _ tape: Tape) -> Tensor { towers.imageFeatures(images, tape) }
  public func textFeatures(_ texts: Encoding, _ tape: Tape) -> Tensor { towers.textFeatures(texts, tape) }

  public func join(_ images: Encoding, _ texts: Encoding, _ pairs: [ImageTextPair], _ tape: Tape) -> JointStates {
    fusion(images, texts, pairs, tape)
  }

  public var pooledWidth: Int { 2 * configuration.fusion.width }
  public var jointImageWidth: Int { configuration.fusion.width }
  public func pooled(_ joint: JointStates, _ tape: Tape) -> Tensor { fusion.pooled(joint, tape) }

  public func match(_ joint: JointStates, _ tape: Tape) -> Tensor { matchingHead(pooled(joint, tape), tape) }
}

extension CrossAttentionModel: AlignmentModel {
  /// Behind the norms that heads read them with.
  public func compared(_ joint: JointStates, _ tape: Tape) -> (texts: Encoding, images: Encoding) {
    (
      joint.texts.with(states: fusion.textNorm(joint.texts.states, tape)).selecting(joint.textOfPair, tape),
      joint.images.with(states: fusion.imageNorm(joint.images.states, tape)).selecting(joint.imageOfPair, tape)
    )
  }
}

extension CrossAttentionModel: MaskedRegionModel {
  public var tokensBeforeRegions: Int { configuration.regions.startsWithWhole ? 1 : 0 }
  public var publishedRegionsAreHidden: Bool { false }
  public var hasRegionHead: Bool { regionHeads.areThere }

  /// Behind the norm that the matching head reads them with.
  public func states(ofRegions places: [[Int]], in joint: JointStates, _ tape: Tape) -> Tensor {
    fusion.imageNorm(tape.gatherRows(joint.images.states, rows(ofRegions: places, in: joint)), tape)
  }

  public func boxesOfRegions(in images: ImageInput) -> [[Box]] { regions.boxesOfRegions(in: images) }

  public func features(of images: ImageInput, at places: [[Int]], _ engine: Engine) -> Tensor? {
    regions.features(of: images, at: places, engine)
  }

  public func pixels(of images: ImageInput, at places: [[Int]], _ engine: Engine) -> Tensor? {
    regions.pixels(of: images, at: places, engine)
  }

  public func features(ofRegions states: Tensor, _ tape: Tape) -> Tensor? { regionHeads.features?(states, tape) }
  public func pixels(ofRegions states: Tensor, _ tape: Tape) -> Tensor? { regionHeads.pixels?(states, tape) }
}

extension Encoding {
  fileprivate func with(states: Tensor) -> Encoding {
    Encoding(states: states, offsets: offsets, pooledRows: pooledRows)
  }
}

// MARK: Inference

extension CrossAttentionModel {
  public func folded(_ builder: ParameterBuilder) -> (model: any FoldableModel, fill: () -> Void)? {
    guard let folded = (towers as? any FoldableModel)?.folded(builder), let towers = folded.model as? any FeatureModel
    else { return nil }
    return (CrossAttentionModel(configuration, towers: towers, builder), folded.fill)
  }
}
