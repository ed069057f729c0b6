public import TensorEngine

/// Says what hidden regions of images are.
public protocol MaskedRegionModel: JointModel {
  /// Tokens of an image in front of those of its regions, which have a token each.
  var tokensBeforeRegions: Int { get }
  /// What says what some places of each image are [K, W], image by image; image i met text i.
  func states(ofRegions places: [[Int]], in joint: JointStates, _ tape: Tape) -> Tensor
  /// How the model's authors scale the divergence of classes.
  var publishedDivergence: RegionLossScale { get }
  /// Whether the regions that its authors publish numbers for have lost what is hidden before the model reads them.
  var publishedRegionsAreHidden: Bool { get }

  /// Whether it has a head for any of what is asked of hidden regions.
  var hasRegionHead: Bool { get }
  /// Of each image where the places lie that can be hidden: its regions, or its cells row by row.
  func boxesOfRegions(in images: ImageInput) -> [[Box]]
  /// What the model reads of some places of each image where nothing is hidden, image by image: their features [K, F], or the
  /// normalised pixels of the patches that they are [K, 3PP]. Constants for a gradient; nil where they are nothing of the kind.
  func features(of images: ImageInput, at places: [[Int]], _ engine: Engine) -> Tensor?
  func pixels(of images: ImageInput, at places: [[Int]], _ engine: Engine) -> Tensor?

  /// Of the regions that have these joint states [K, W] the classes' logits [K, C], the features [K, F] or the pixels [K, 3PP];
  /// nil where the model has no head for it.
  func classes(ofRegions states: Tensor, _ tape: Tape) -> Tensor?
  func features(ofRegions states: Tensor, _ tape: Tape) -> Tensor?
  func pixels(ofRegions states: Tensor, _ tape: Tape) -> Tensor?
}

extension MaskedRegionModel {
  public var tokensBeforeRegions: Int { 0 }
  public var publishedDivergence: RegionLossScale { .element }
  public var publishedRegionsAreHidden: Bool { true }

  /// The joint states of their tokens.
  public func states(ofRegions places: [[Int]], in joint: JointStates, _ tape: Tape) -> Tensor {
    tape.gatherRows(joint.images.states, rows(ofRegions: places, in: joint))
  }

  /// Where the tokens of places stand among the joint states of images.
  func rows(ofRegions places: [[Int]], in joint: JointStates) -> [Int] {
    places.enumerated().flatMap { image, places in
      let first = joint.images.offsets[joint.imageOfPair[image]] + tokensBeforeRegions
      return places.map { first + $0 }
    }
  }

  public func features(of images: ImageInput, at places: [[Int]], _ engine: Engine) -> Tensor? { nil }
  public func classes(ofRegions states: Tensor, _ tape: Tape) -> Tensor? { nil }
  public func features(ofRegions states: Tensor, _ tape: Tape) -> Tensor? { nil }
}

/// What a loss of regions is the mean over.
public enum RegionLossScale: String, CaseIterable, Sendable {
  /// All numbers of all hidden regions.
  case element
  /// The hidden regions, of each of which the numbers' losses are summed.
  case region
}

/// Has states of words and regions in one space, so that one can be told how near another is.
public protocol AlignmentModel: JointModel {
  /// The states that are compared, a segment a pair in both; of one width.
  func compared(_ joint: JointStates, _ tape: Tape) -> (texts: Encoding, images: Encoding)
}

extension AlignmentModel {
  /// All tokens take part (Chen et al., "UNITER", 2020).
  public func compared(_ joint: JointStates, _ tape: Tape) -> (texts: Encoding, images: Encoding) {
    (joint.texts.selecting(joint.textOfPair, tape), joint.images.selecting(joint.imageOfPair, tape))
  }
}
