import Foundation
import TensorEngine
import TestSupport
import Testing

@Suite struct EngineTests {
  /// Tests run at the level that MMTRAIN_KERNELS names, with the products of such a processor; launch/test runs them at all.
  @Test func theForcedLevelIsObeyed() {
    let forced = ProcessInfo.processInfo.environment["MMTRAIN_KERNELS"]
    let best = KernelLevel.allCases.last(where: \.isSupported)?.rawValue
    #expect(Engine(threadCount: 1).level.rawValue == forced ?? best)
    switch forced {
    case "baseline": #expect(Engine.blasCore == "Prescott" && Precision.best == .fp32)
    case "avx2": #expect(Engine.blasCore == "Haswell" && Precision.best == .fp32)
    default: #expect(Engine.blasCore != "Prescott")
    }
    #expect(forced == nil || forced == "avx512" || !Precision.bf16.isSupported)
  }

  @Test func gradientsOfSharedInputsAddUp() throws {
    let engine = Engine(threadCount: 1)
    let tape = Tape(engine)
    let x = engine.tensor([1, 2, 3, 4], shape: [2, 2], requiresGradient: true)
    // y = x + x, z = y + x: dz/dx = 3. The first sum hands one gradient to two places, the second adds to it.
    let y = tape.add(x, x)
    let z = tape.add(y, x)
    try tape.backward(from: [(z, engine.tensor([1, 10, 100, 1000], shape: [2, 2]))])
    #expect(x.gradientValues() == [3, 30, 300, 3000])
    #expect(z.gradientValues() == [1, 10, 100, 1000])
  }

  /// A product's gradient is the other factor's; 40 elements are two vectors and a rest.
  @Test func productsOfElements() throws {
    let engine = Engine(threadCount: 2)
    let tape = Tape(engine)
    let numbers = (0..<40).map { Float($0) - 15 }
    let a = engine.tensor(numbers, shape: [4, 10], requiresGradient: true)
    let b = engine.tensor(numbers.map { 2 * $0 + 1 }, shape: [4, 10], requiresGradient: true)
    // z = a b + a: dz/da = b + 1.
    let z = tape.add(tape.multiply(a, b), a)
    #expect(z.values() == numbers.map { $0 * (2 * $0 + 1) + $0 })
    try tape.backward(from: [(z, engine.tensor([Float](repeating: 3, count: 40), shape: [4, 10]))])
    #expect(a.gradientValues() == numbers.map { 3 * (2 * $0 + 2) })
    #expect(b.gradientValues() == numbers.map { 3 * $0 })
  }

  @Test func columnsInAnotherOrder() throws {
    let engine = Engine(threadCount: 1)
    let tape = Tape(engine)
    let x = engine.tensor([1, 2, 3, 4, 5, 6], shape: [2, 3], requiresGradient: true)
    let y = tape.gatherColumns(x, [2, 0])
    #expect(y.shape == [2, 2] && y.values() == [3, 1, 6, 4])
    try tape.backward(from: [(y, engine.tensor([1, 10, 100, 1000], shape: [2, 2]))])
    #expect(x.gradientValues() == [10, 0, 1, 1000, 0, 100])
  }

  @Test func warmStepsAllocateNothing() throws {
    let engine = Engine(threadCount: 2)
    let values = (0..<64 * 32).map { (index: Int) -> Float in Float(index % 7) / 7 }
    let weight = engine.tensor(values, shape: [64, 32], requiresGradient: true)
    func step() throws {
      let tape = Tape(engine)
      let x = engine.tensor([Float](repeating: 0.5, count: 128 * 32), shape: [128, 32])
      let loss = tape.crossEntropy(
        tape.linear(x, weight: weight, activation: .geluErf), targets: [Int32](repeating: 3, count: 128), count: 128)
      try tape.backward(from: loss)
    }
    try step()
    try step()
    let before = engine.systemAllocations
    for _ in 0..<5 { try step() }
    #expect(engine.systemAllocations == before)
  }

  @Test func threadsRunEveryIndexOnce() {
    let pool = ThreadPool(threadCount: 4)
    defer { pool.stop() }
    for count in [0, 1, 3, 1000] {
      let hits = UnsafeMutableBufferPointer<Int>.allocate(capacity: count)
      defer { hits.deallocate() }
      hits.initialize(repeating: 0)
      pool.run(count) { worker, index in
        precondition(worker < 4)
        hits[index] += 1
      }
      #expect(hits.allSatisfy { $0 == 1 })
    }
  }

  @Test func dropoutKeepsTheMeanAndItsMask() throws {
    let engine = Engine(threadCount: 3)
    let tape = Tape(engine, dropout: DropoutMasks(seed: 7, step: 0))
    let x = engine.tensor([Float](repeating: 1, count: 100_000), shape: [1000, 100], requiresGradient: true)
    let y = tape.dropout(x, rate: 0.25, layer: 1)
    let values = y.values()
    #expect(abs(values.reduce(0, +) / 100_000 - 1) < 0.01)
    #expect(abs(Float(values.count { $0 == 0 }) / 100_000 - 0.25) < 0.01)
    try tape.backward(from: [(y, engine.tensor([Float](repeating: 1, count: 100_000), shape: [1000, 100]))])
    #expect(x.gradientValues() == values)
    let other = Tape(Engine(threadCount: 1), dropout: DropoutMasks(seed: 7, step: 0)).dropout(x, rate: 0.25, layer: 1)
    #expect(other.values() == values)
  }

  /// A mask belongs to a step, a layer and a sample, wherever that stands.
  @Test func aMaskIsOfItsSample() {
    let engine = Engine(threadCount: 1)
    let ones = engine.tensor([Float](repeating: 1, count: 7 * 50), shape: [7, 50])
    func kept(step: Int = 2, layer: UInt64 = 1, first: Int = 0, _ offsets: [Int]) -> [Float] {
      Tape(engine, dropout: DropoutMasks(seed: 9, step: step, firstSample: first))
        .dropout(ones.rows(0..<(offsets.last ?? 0)), rate: 0.5, layer: layer, offsets: offsets).values()
    }
    let whole = kept([0, 2, 3, 7])
    #expect(whole != kept(step: 3, [0, 2, 3, 7]) && whole != kept(layer: 2, [0, 2, 3, 7]))
    #expect(Array(whole[100...]) == kept(first: 1, [0, 1, 5]))
    // A sample's first row has the same mask, however many follow.
    #expect(Array(whole[..<50]) == kept([0, 1]))
    #expect(whole[..<50] != whole[50..<100] && whole[..<50] != whole[100..<150])
  }

  @Test func columnsAreStandardized() throws {
    let engine = Engine(threadCount: 1)
    let tape = Tape(engine)
    let x = engine.tensor([1, 2, 3, 8], shape: [2, 2], requiresGradient: true)
    let mean = engine.tensor([2, 4], shape: [2])
    let y = tape.standardize(x, mean: mean, scale: engine.tensor([0.5, 4], shape: [2]))
    #expect(y.values() == [-2, -0.5, 2, 1])
    // Twice, so that the second gradient is added.
    let sum = tape.add(y, tape.standardize(x, mean: mean, scale: engine.tensor([1, 2], shape: [2])))
    try tape.backward(from: [(sum, engine.tensor([1, 2, 3, 4], shape: [2, 2]))])
    #expect(x.gradientValues() == [3, 1.5, 9, 3])
  }

  @Test func evaluationDropsNothing() {
    let engine = Engine(threadCount: 1)
    let x = engine.tensor([1, 2, 3], shape: [1, 3])
    #expect(Tape(engine, recording: false).dropout(x, rate: 0.5, layer: 1).values() == [1, 2, 3])
  }

  @Test func matrixProductIsTheSameOnAnyNumberOfThreads() {
    let x = (0..<300 * 96).map { (index: Int) -> Float in Float(index * 37 % 101) / 101 - 0.5 }
    let w = (0..<80 * 96).map { (index: Int) -> Float in Float(index * 53 % 97) / 97 - 0.5 }
    let results = [1, 2, 5].map { threads -> [Float] in
      let engine = Engine(threadCount: threads)
      return Tape(engine, recording: false).linear(
        engine.tensor(x, shape: [300, 96]), weight: engine.tensor(w, shape: [80, 96])
      ).values()
    }
    #expect(difference(results[1], results[0], relative: 1e-6, floor: 1e-6) == nil)
    #expect(difference(results[2], results[0], relative: 1e-6, floor: 1e-6) == nil)
  }
}
