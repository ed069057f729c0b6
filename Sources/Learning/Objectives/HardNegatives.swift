internal import Foundation
package import Randomness

/// Which pairs of the global batch may serve as each other's negatives.
package struct Identities {
  /// Of all pairs of the global batch, in global order.
  package let photos: [UInt64]
  package let captions: [UInt64]

  package init(photos: [UInt64], captions: [UInt64]) { (self.photos, self.captions) = (photos, captions) }

  /// Two pairs are no negatives of each other when they show the same photo or say the same.
  package func areNegatives(_ a: Int, _ b: Int) -> Bool { photos[a] != photos[b] && captions[a] != captions[b] }
}

/// Hard negatives by similarity (Li et al., "Align before Fuse", 2021, §3.2): candidate j is drawn with a probability
/// proportional to exp(logit j), over the global batch.
///
/// - Parameters:
///   - logits: the similarities of one anchor to all B candidates, times the temperature's inverse.
///   - anchor: the anchor's index in the global batch.
///   - random: named by seed, step and anchor, so that the choice does not depend on the number of ranks.
/// - Returns: the candidate's index in the global batch, or nil where the batch holds no negative.
package func hardNegative(
  logits: UnsafeBufferPointer<Float>, anchor: Int, _ identities: Identities, _ random: inout RandomStream
) -> Int? {
  let candidates = logits.indices.filter { identities.areNegatives(anchor, $0) }
  guard let highest = candidates.map({ logits[$0] }).max() else { return nil }
  let weights = candidates.map { exp(Double(logits[$0] - highest)) }
  var remaining = Double(random.uniform()) * weights.reduce(0, +)
  for (candidate, weight) in zip(candidates, weights) {
    remaining -= weight
    if remaining < 0 { return candidate }
  }
  return candidates.last
}
