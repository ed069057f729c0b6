internal import Randomness

/// Splits by a seeded hash of the photos' bytes: each photo's split depends on the seed and its own bytes only, so adding
/// photos moves none, and photos with the same bytes never end up in different splits.
public struct SplitHash: Equatable, Sendable {
  public let seed: UInt64
  /// Shares of the photos; what is left of 1 is the training split.
  public let validation: Double
  public let test: Double

  /// Seed 0, and a tenth each for validation and test.
  public init() { (seed, validation, test) = (0, 0.1, 0.1) }

  /// - Throws: `PreparationError.proportions` where they leave nothing to train on.
  public init(seed: UInt64 = 0, validation: Double = 0.1, test: Double = 0.1) throws(PreparationError) {
    guard validation >= 0, test >= 0, validation + test < 1 else {
      throw .proportions(validation: validation, test: test)
    }
    (self.seed, self.validation, self.test) = (seed, validation, test)
  }

  /// Reads `seed=1,validation=0.1,test=0.3`, of which each may be left out.
  ///
  /// - Throws: `PreparationError.splitWords` where it is something else, `.proportions`.
  public init(words: String) throws(PreparationError) {
    var (seed, validation, test): (UInt64?, Double?, Double?)
    for word in words.split(separator: ",", omittingEmptySubsequences: false) {
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map { String($0) }
      guard parts.count == 2 else { throw .splitWords(words) }
      switch parts[0] {
      case "seed" where seed == nil: seed = UInt64(parts[1])
      case "validation" where validation == nil: validation = Double(parts[1])
      case "test" where test == nil: test = Double(parts[1])
      default: throw .splitWords(words)
      }
      let isRead = parts[0] == "seed" ? seed != nil : (parts[0] == "test" ? test : validation) != nil
      guard isRead else { throw .splitWords(words) }
    }
    try self.init(seed: seed ?? 0, validation: validation ?? 0.1, test: test ?? 0.1)
  }

  /// The split of the photo whose SHA-256 begins with these 64 bits.
  func split(identity: UInt64) -> String {
    var random = RandomStream(seed: seed, .splits, identity)
    let draw = Double(random.uniform())
    if draw < validation { return "validation" }
    return draw < validation + test ? "test" : "train"
  }

  /// In words, for the report.
  ///
  /// - Parameter hasGroups: whether photos belong to groups, which a hash does not divide.
  func source(hasGroups: Bool) -> String {
    (hasGroups ? "hash of the groups' names, and of the bytes of photos without one," : "hash of the photos' bytes")
      + " with seed \(seed): validation \(validation), test \(test)"
  }
}
