public import Models

/// Which regions are hidden, and how their losses are scaled: one property for each key below `objective.masked_regions` that is no
/// weight.
public struct MaskedRegionSettings: Sendable, Equatable {
  /// Of a photo's regions, that are asked for; at least one is.
  public var share = 0.15
  /// Of these, that the model sees all the same.
  public var kept = 0.0
  /// The overlap with a region that is asked for, as a share of what both cover, above which a region is hidden with it; nil hides
  /// no other.
  public var overlap: Double?
  /// Nil scales as the model's authors do.
  public var scale: RegionLossScale?

  public init() {}
}
