/// The sizes of a UNITER: a BERT that reads regions behind words (Chen et al., "UNITER: UNiversal Image-TExt Representation
/// Learning", ECCV 2020).
public struct UNITERConfiguration: Equatable, Sendable {
  /// Of embeddings and blocks.
  var text = BERTConfiguration()
  var regions: RegionSource
  var heads = Heads()
  /// Of classes, as `config.json` names them, whether or not there is a head for them; nil where it names none.
  public var labels: [String]?

  /// What is put on the joint states.
  struct Heads: Equatable, Sendable {
    var hasMaskedText = true
    /// Says what the features of a hidden region were.
    var hasRegionFeatures = true
    /// C: what a hidden region may have been, the background first; nil for none.
    var regionClasses: Int?
    /// Says what the pixels of a hidden cell were.
    var hasRegionPixels = false
    var hasMatching = true
    /// A score of how well image and text fit, which fine-tuned weights have.
    var hasRanking = false
    /// A: of questions; nil for none.
    var answers: Int?
  }

  init(_ regions: RegionSource) { self.regions = regions }

  /// What the names of an image tower's parameters begin with, where one makes the regions.
  static let towerPrefix = "vision_model"
}
