internal import Collectives
internal import Layers
internal import Models
internal import Objectives
internal import Optimizers
internal import Randomness
internal import TensorEngine

/// What a balance of modalities does with the gradients of their towers, once these are summed over the ranks. Of the arena each rank of a
/// node holds the sum of its own part, so every figure is a sum over parts: the same on all ranks.
final class TowerBalance {
  let modalities: ModalityBalance
  private let towers: TowerParameters
  private let arena: ParameterArena
  private let engine: Engine
  private let communicator: any Communicator
  private let part: Range<Int>
  private let seed: UInt64
  /// The gradient of the heads of single modalities in this rank's part, where it is needed apart.
  private var apart: [Float]?

  init(
    _ modalities: ModalityBalance, _ towers: TowerParameters, _ arena: ParameterArena, part: Range<Int>,
    _ engine: Engine, _ communicator: any Communicator, seed: UInt64
  ) {
    (self.modalities, self.towers, self.arena, self.part) = (modalities, towers, arena, part)
    (self.engine, self.communicator, self.seed) = (engine, communicator, seed)
  }

  private var method: any BalanceMethod { modalities.method }
  /// Whether heads of single modalities have a gradient pass of their own.
  var hasOwnPass: Bool { method.comparesGradients }

  /// What the learning rate of a parameter is multiplied by.
  func rateFactor(of name: String) -> Float {
    towers.tower(of: name).map { Float(method.rateWeight(of: modalities.modalities[$0])) } ?? 1
  }

  /// What of this rank's part the norm of the gradient is of: heads that only measure have none of it.
  var counted: [Range<Int>] {
    guard !method.teachesTowers else { return [part] }
    var (counted, start): ([Range<Int>], Int) = ([], part.lowerBound)
    for head in own(towers.heads) {
      counted.append(start..<head.lowerBound)
      start = head.upperBound
    }
    return counted + [start..<part.upperBound]
  }

  /// Keeps the summed gradients of the heads of single modalities, which those of the joint loss are about to take the place of.
  func keepApart() { apart = Array(arena.gradients[part]) }

  /// What the method does with the summed gradients. Collective.
  func settle(step: Int) throws {
    let norms = try sums(towers.ranges.map { arena.squares(in: own($0), engine) }).map { $0.squareRoot() }
    let factors = modalities.factors
    if let factors { try modulate(by: factors, step: step) }
    if let apart { try combine(with: apart) }
    apart = nil
    modalities.note(norms: norms, factors: factors)
  }

  // MARK: Held back

  private func modulate(by factors: [Double], step: Int) throws {
    let deviations = modalities.settings.noise ? try self.deviations() : []
    for (factor, ranges) in zip(factors, towers.ranges) where factor != 1 {
      for range in own(ranges) { for place in range { arena.gradients[place] *= Float(factor) } }
    }
    for (slice, deviation) in zip(noisySlices, deviations) { addNoise(to: slice, deviation, step: step) }
  }

  /// The arrays of all towers.
  private var noisySlices: [ParameterSlice] { arena.trainedSlices.filter { towers.tower(of: $0.name) != nil } }

  /// Of each array's gradient, as PyTorch's `std` has them.
  private func deviations() throws -> [Double] {
    let moments = try sums(
      noisySlices.flatMap { slice in
        own([slice.offset..<slice.offset + slice.count]).reduce(into: [0.0, 0.0]) { sums, range in
          for place in range {
            sums[0] += Double(arena.gradients[place])
            sums[1] += Double(arena.gradients[place]) * Double(arena.gradients[place])
          }
        }
      })
    return noisySlices.indices.map { place in
      let (sum, squares, count) = (moments[2 * place], moments[2 * place + 1], Double(noisySlices[place].count))
      return count > 1 ? max(0, (squares - sum * sum / count) / (count - 1)).squareRoot() : 0
    }
  }

  /// A function of the step and the place in the arena: the same on any number of ranks.
  private func addNoise(to slice: ParameterSlice, _ deviation: Double, step: Int) {
    let block = 256
    for range in own([slice.offset..<slice.offset + slice.count]) {
      for first in stride(from: range.lowerBound / block * block, to: range.upperBound, by: block) {
        var random = RandomStream(seed: seed, .gradientNoise, UInt64(step), UInt64(first))
        for place in first..<first + block {
          let noise = random.normal()
          if range.contains(place) { arena.gradients[place] += Float(deviation) * noise }
        }
      }
    }
  }

  // MARK: Two gradients

  private func combine(with apart: [Float]) throws {
    let products = try sums(
      towers.ranges.flatMap { ranges in
        own(ranges).reduce(into: [0.0, 0.0, 0.0]) { sums, range in
          for place in range {
            let (joint, own) = (Double(arena.gradients[place]), Double(apart[place - part.lowerBound]))
            sums[0] += joint * joint
            sums[1] += own * own
            sums[2] += joint * own
          }
        }
      })
    var weights: [(range: Range<Int>, joint: Double, own: Double)] = []
    for (tower, ranges) in towers.ranges.enumerated() {
      let of = products[3 * tower..<3 * tower + 3].map { $0 }
      let found = ParetoGradients.weights(joint: of[0], own: of[1], product: of[2])
      weights += own(ranges).map { ($0, found.joint, found.own) }
    }
    weights.sort { $0.range.lowerBound < $1.range.lowerBound }
    var start = part.lowerBound
    for (range, joint, own) in weights + [(part.upperBound..<part.upperBound, 1, 1)] {
      for place in start..<range.lowerBound { arena.gradients[place] += apart[place - part.lowerBound] }
      for place in range {
        arena.gradients[place] =
          Float(joint) * arena.gradients[place] + Float(own) * apart[place - part.lowerBound]
      }
      start = range.upperBound
    }
  }

  // MARK: Sums

  /// What of these lies in this rank's part.
  private func own(_ ranges: [Range<Int>]) -> [Range<Int>] {
    ranges.map { $0.clamped(to: part) }.filter { !$0.isEmpty }
  }

  /// Over the ranks' parts. Every node holds the same sums, so one of them speaks for all. Collective.
  private func sums(_ own: [Double]) throws -> [Double] {
    var numbers = communicator.place.node == 0 ? own : own.map { _ in 0 }
    try numbers.withUnsafeMutableBufferPointer { try communicator.allReduce($0, .sum, "gradients of towers") }
    return numbers
  }
}

extension ParameterArena {
  fileprivate func squares(in ranges: [Range<Int>], _ engine: Engine) -> Double {
    ranges.reduce(0) { $0 + squaredGradients(in: $1, engine) }
  }
}
