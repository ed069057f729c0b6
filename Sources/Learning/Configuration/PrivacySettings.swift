public import Privacy

/// Learning from private data: one property for each key below `privacy`.
public struct PrivacySettings: Sendable, Equatable {
  /// C, the norm that each unit's gradient is clipped to; nil learns as always, and promises nothing.
  public var clip: Double?
  /// σ, in multiples of C.
  public var noise: Double?
  /// The ε that a noise is looked for to keep.
  public var targetEpsilon: Double?
  /// Nil takes a tenth of 1 / N, or less.
  public var delta: Double?
  public var unit = PrivacyUnit.image
  /// What a target is kept by.
  public var accountant = Accountant.prv

  public init() {}

  /// Whether a run promises anything.
  public var isOn: Bool { clip != nil }
}
