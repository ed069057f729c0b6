internal import Randomness

/// Splits by a seeded hash of the photos' bytes: each photo's split depends on the seed and its own bytes only, so adding
/// photos moves none, and photos with the same bytes never end up in different splits.
struct SplitHash {
  let seed: UInt64
  let proportions: SplitProportions

  /// - Throws: `PreparationError.proportions` where they leave nothing to train on.
  init(seed: UInt64, proportions: SplitProportions) throws {
    let (validation, test) = (proportions.validation, proportions.test)
    guard validation >= 0, test >= 0, validation + test < 1 else {
      throw PreparationError.proportions(validation: validation, test: test)
    }
    self.seed = seed
    self.proportions = proportions
  }

  /// The split of the photo whose SHA-256 begins with these 64 bits.
  func split(identity: UInt64) -> String {
    var random = RandomStream(seed: seed, .splits, identity)
    let draw = Double(random.uniform())
    if draw < proportions.validation { return "validation" }
    return draw < proportions.validation + proportions.test ? "test" : "train"
  }

  /// In words, for the report.
  ///
  /// - Parameter hasGroups: whether photos belong to groups, which a hash does not divide.
  func source(hasGroups: Bool) -> String {
    (hasGroups ? "hash of the groups' names, and of the bytes of photos without one," : "hash of the photos' bytes")
      + " with seed \(seed): validation \(proportions.validation), test \(proportions.test)"
  }
}
