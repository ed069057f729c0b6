public import Layers

/// A description of two towers with features in one space, behind which a join can be put: CLIP's own, or any two.
public protocol TowerPair: FeatureDescription {
  /// Widths of the states of images and of texts.
  var imageWidth: Int { get }
  var textWidth: Int { get }
  /// What reads images.
  var imageTower: any ImageTowerDescription { get }
  /// States of an image; 1 where a tower makes no others than the one that stands for it.
  var imageTokens: Int { get }
  /// Whether a token of a text sees only those before it.
  var textIsCausal: Bool { get }
  func makePair(_ builder: ParameterBuilder) -> any FeatureModel
}

extension CLIPConfiguration: TowerPair {
  public var imageTower: any ImageTowerDescription { CLIPVisionConfiguration(vision) }
  public var imageWidth: Int { vision.width }
  public var textWidth: Int { text.width }
  public var textIsCausal: Bool { text.isCausal }
  public func makePair(_ builder: ParameterBuilder) -> any FeatureModel { CLIP(self, builder) }
}

extension DualEncoderConfiguration: TowerPair {
  public var imageTower: any ImageTowerDescription { vision }
  public var imageWidth: Int { vision.width }
  public var textWidth: Int { words.width }
  public var imageTokens: Int { vision.tokens }
  public var textIsCausal: Bool { words.isCausal }
  public func makePair(_ builder: ParameterBuilder) -> any FeatureModel { DualEncoder(self, builder) }
}
