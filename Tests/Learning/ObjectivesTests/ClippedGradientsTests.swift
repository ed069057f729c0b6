import Collectives
import Layers
import Models
import Objectives
import Optimizers
import TensorEngine
import TestSupport
import Testing

/// Gradients of units, clipped one by one: told of rows and told of whole gradients they are the same.
@Suite struct ClippedGradientsTests {
  static let cases = ObjectiveCase.all + ObjectiveCase.fusions

  /// Four units of three pairs each.
  @Test(arguments: cases, [nil, 0.05] as [Double?])
  func normsAndSumsAreThoseOfWholeGradients(_ example: ObjectiveCase, limit: Double?) throws {
    let (whole, told) = (
      try example.clipped(limit: limit, keepsFactors: false), try example.clipped(limit: limit, keepsFactors: true)
    )
    for (one, other) in zip(whole.units, told.units) {
      #expect(abs(one.norm - other.norm) <= 1e-5 * one.norm, "\(other.norm) beside \(one.norm)")
      let exact = limit.map { min(1, ClippedGradients.share * $0 / (one.norm + 1e-6)) } ?? 1
      #expect(one.factor == exact && other.factor <= exact * (1 + 1e-6) && other.factor >= exact * (1 - 2e-5))
    }
    #expect(difference(told.sum, whole.sum, relative: 1e-5, scale: .largest) == nil)
    #expect(whole.sum.contains { $0 != 0 })
    if limit != nil { #expect(whole.units.contains { $0.factor < 1 }) }
  }

  /// Without a limit the sum is that of plain gradients, and norms are theirs.
  @Test(arguments: cases) func withoutALimitItIsThePlainSum(_ example: ObjectiveCase) throws {
    let told = try example.clipped(limit: nil, keepsFactors: true)
    let plain = try example.plainGradients()
    for (unit, gradient) in zip(told.units, plain) {
      let norm = gradient.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
      #expect(abs(unit.norm - norm) <= 1e-5 * norm, "\(unit.norm) beside \(norm)")
    }
    let sum = plain[0].indices.map { place in plain.reduce(Float(0)) { $0 + $1[place] } }
    #expect(difference(told.sum, sum, relative: 1e-5, scale: .largest) == nil)
  }

  /// A table whose rows are read, which then tells what comes next; and a layer that is passed twice. Their uses meet each other in the norm.
  @Test func usesOfOneWeightMeet() throws {
    func take(keepsFactors: Bool) throws -> (norms: [Double], sum: [Double], products: Int) {
      let engine = Engine(threadCount: 1)
      let builder = ParameterBuilder()
      let table = builder.parameter("table", [40, 16], .normal(standardDeviation: 0.3))
      let position = builder.parameter("position", [6, 16], .normal(standardDeviation: 0.3))
      let layer = Linear(builder, "layer", inputs: 16, outputs: 16, standardDeviation: 0.3)
      let arena = ParameterArena(builder)
      arena.initialize(seed: 2)
      let clipped = ClippedGradients(arena, engine, limit: 1, keepsFactors: keepsFactors)
      let norms = try [[3, 7, 3, 39], [1], [5, 5, 5, 5, 5]].map { (ids: [Int32]) in
        try clipped.take {
          let tape = Tape(engine)
          let states = tape.tokenEmbedding(
            ids: ids, offsets: [0, ids.count], table: table.tensor, position: position.tensor)
          let logits = tape.linear(layer(layer(states, tape), tape), weight: table.tensor)
          try tape.backward(from: tape.crossEntropy(logits, targets: ids, count: ids.count))
        }.norm
      }
      let products = engine.matrixProducts
      clipped.gather()
      return (norms, Array(clipped.sum), products)
    }
    let (whole, told) = (try take(keepsFactors: false), try take(keepsFactors: true))
    for (one, other) in zip(whole.norms, told.norms) { #expect(abs(one - other) <= 1e-6 * one, "\(other), \(one)") }
    let largest = whole.sum.map(abs).max() ?? 0
    #expect(zip(whole.sum, told.sum).allSatisfy { abs($0 - $1) <= 1e-6 * largest })
    // Something else was computed: products of rows.
    #expect(told.products != whole.products)
  }

  /// However units are divided among ranks, and in whatever order their sums are added, the bytes are the same; and a plain sum is within rounding.
  @Test(arguments: [0.05, 3]) func sumsAreExactOverRanks(limit: Double) throws {
    let example = ObjectiveCase.all[0]
    func sums(_ ranks: [[Int]]) throws -> [Double] {
      let parts = try ranks.map { try example.divided(units: $0, limit: limit) }
      let sum = parts.dropFirst().reduce(parts[0]) { sum, part in
        (zip(sum.coarse, part.coarse).map(+), zip(sum.fine, part.fine).map(+))
      }
      #expect(sum.fine.contains { $0 != 0 } && sum.coarse.contains { $0 != 0 })
      return zip(sum.coarse, sum.fine).map { Double($0) + Double($1) }
    }
    let one = try sums([[0, 1, 2, 3]])
    for ranks in [[[0], [1, 2, 3]], [[3, 1], [2, 0]], [[2], [3], [], [1], [0]]] {
      let other = try sums(ranks)
      #expect(other == one, "\(ranks)")
    }
    let plain = try example.clipped(limit: limit, keepsFactors: true).sum
    #expect(difference(one.map { Float($0) }, plain, relative: 1e-5, scale: .largest) == nil)
  }

  /// What is clipped never counts more than the limit, and a unit that says nothing finite counts nothing.
  @Test func whatIsNotFiniteCountsNothing() throws {
    let engine = Engine(threadCount: 1)
    let builder = ParameterBuilder()
    let layer = Linear(builder, "layer", inputs: 64, outputs: 64, standardDeviation: 0.1)
    let arena = ParameterArena(builder)
    arena.initialize(seed: 1)
    let clipped = ClippedGradients(arena, engine, limit: 0.5)
    func take(_ value: Float) throws -> ClippedGradients.Unit {
      try clipped.take {
        let tape = Tape(engine)
        let x = engine.tensor([Float](repeating: value, count: 64), shape: [1, 64])
        try tape.backward(from: tape.crossEntropy(layer(x, tape), targets: [3], count: 1))
      }
    }
    let sound = try take(2)
    #expect(sound.norm > 0.5 && sound.factor < 1)
    clipped.gather()
    let before = Array(clipped.sum)
    let norm = before.reduce(0) { $0 + $1 * $1 }.squareRoot()
    #expect(norm <= 0.5 * (1 + 1e-6) && norm > 0.499)
    let unsound = try take(.infinity)
    #expect(!unsound.norm.isFinite && unsound.factor == 0)
    clipped.gather()
    #expect(Array(clipped.sum) == before)
    // A pass that breaks off leaves nothing either, and a new sum has nothing of what was not gathered.
    struct Broken: Error {}
    #expect(throws: Broken.self) {
      try clipped.take {
        let tape = Tape(engine)
        let x = engine.tensor([Float](repeating: 2, count: 64), shape: [1, 64])
        try tape.backward(from: tape.crossEntropy(layer(x, tape), targets: [3], count: 1))
        throw Broken()
      }
    }
    let again = try take(2)
    #expect(again == sound)
    clipped.reset()
    clipped.gather()
    #expect(clipped.sum.allSatisfy { $0 == 0 })
  }
}

extension ObjectiveCase {
  /// A model, and four batches for it that are whole by themselves.
  private func units() throws -> (ParameterArena, Engine, [(_ tape: Tape) throws -> Void]) {
    let engine = Engine(threadCount: 1)
    let builder = ParameterBuilder()
    let model = description.make(builder)
    let arena = ParameterArena(builder, isFrozen: isFrozen)
    arena.initialize(seed: 11)
    let objective = try ObjectiveMix(
      ObjectiveContext(model, weights, vocabulary: Self.vocabulary, seed: 5, SoloCommunicator()))
    let units = (0..<4).map { number in
      let part = Self.batch(ranks: 4, rank: number, engine, description.images)
      let batch = StepBatch(
        images: part.images, text: part.text, photos: part.photos, captions: part.captions, columns: part.columns,
        layout: BatchLayout(counts: [part.count], rank: 0), step: part.step)
      return { (tape: Tape) in _ = try objective.computeGradients(of: batch, tape) }
    }
    return (arena, engine, units)
  }

  private func tape(_ engine: Engine, _ unit: Int) -> Tape {
    Tape(engine, dropout: DropoutMasks(seed: 3, step: 4, firstSample: 3 * unit))
  }

  fileprivate func clipped(
    limit: Double?, keepsFactors: Bool
  ) throws -> (units: [ClippedGradients.Unit], sum: [Float]) {
    let (arena, engine, units) = try units()
    let clipped = ClippedGradients(arena, engine, limit: limit, keepsFactors: keepsFactors)
    let taken = try units.enumerated().map { number, unit in
      let taken = try clipped.take { try unit(tape(engine, number)) }
      // Sums are made now and then.
      if number == 2 { clipped.gather() }
      return taken
    }
    clipped.gather()
    return (taken, clipped.sum.map { Float($0) })
  }

  /// Of some of the units, each with a product of its own.
  fileprivate func divided(units chosen: [Int], limit: Double) throws -> (coarse: [Float], fine: [Float]) {
    let (arena, engine, units) = try units()
    let clipped = ClippedGradients(arena, engine, limit: limit, most: 20)
    for number in chosen {
      _ = try clipped.take { try units[number](tape(engine, number)) }
      clipped.gather()
    }
    let parts = ClippedGradients.Part.allCases.map { part in
      clipped.write(part)
      return Array(arena.gradients)
    }
    return (parts[0], parts[1])
  }

  fileprivate func plainGradients() throws -> [[Float]] {
    let (arena, engine, units) = try units()
    return try units.enumerated().map { number, unit in
      arena.markGradientsStale()
      try unit(tape(engine, number))
      arena.clearUnreachedGradients()
      return Array(arena.gradients)
    }
  }
}
