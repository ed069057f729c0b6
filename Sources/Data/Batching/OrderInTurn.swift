internal import Randomness

/// The samples of one epoch where groups of them are drawn equally often, however many each has: group after group, in another order each
/// round; of each group sample after sample, in another order each time all of them were there. A function of the seed and the place, as
/// `EpochOrder` is, and it goes on from epoch to epoch.
package struct OrderInTurn: SampleOrder {
  private let groups: [[Int]]
  private let seed: UInt64
  /// Places of the epochs before.
  private let first: Int

  /// - Parameters:
  ///   - groups: none of them empty.
  ///   - count: places of an epoch.
  package init(_ groups: [[Int]], count: Int, seed: UInt64, epoch: Int) {
    precondition(!groups.isEmpty && groups.allSatisfy { !$0.isEmpty }, "a group of samples is empty")
    (self.groups, self.seed, first) = (groups, seed, count * epoch)
  }

  package subscript(position: Int) -> Int {
    let (round, turn) = (first + position).quotientAndRemainder(dividingBy: groups.count)
    let group = EpochOrder(count: groups.count, RandomStream(seed: seed, .drawnInTurn, 0, UInt64(round)))[turn]
    let samples = groups[group]
    let (pass, place) = round.quotientAndRemainder(dividingBy: samples.count)
    let order = EpochOrder(
      count: samples.count, RandomStream(seed: seed, .drawnInTurn, 1, UInt64(group), UInt64(pass)))
    return samples[order[place]]
  }
}
