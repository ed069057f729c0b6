import TensorEngine
import TestSupport
import Testing

/// What the comparison with PyTorch case by case does not show.
@Suite struct ConvolutionTests {
  /// The same bits whatever the number of threads, as docs/numerics.md promises.
  @Test(arguments: [Precision.fp32, .bf16].filter(\.isSupported))
  func threadsChangeNothing(_ precision: Precision) throws {
    func results(_ threads: Int) throws -> [[Float]] {
      let engine = Engine(threadCount: threads, precision: precision)
      let tape = Tape(engine, batchStatistics: BatchStatistics())
      func made(_ shape: [Int], _ seed: Float) -> Tensor {
        let count = shape.reduce(1, *)
        return engine.tensor(
          (0..<count).map { (Float($0) * seed).truncatingRemainder(dividingBy: 1) - 0.5 }, shape: shape,
          requiresGradient: true)
      }
      let inputs = [made([3, 37, 21, 40], 0.377), made([40, 1, 7, 7], 0.619), made([40], 0.71), made([40], 0.37)]
      let kept = [made([40], 0.1), made([40], 0.2)]
      let convolved = tape.depthwiseConvolution(inputs[0], weight: inputs[1], stride: 2, padding: .even(3))
      let y = tape.batchNorm(
        convolved, weight: inputs[2], bias: inputs[3], mean: kept[0], variance: kept[1])
      try tape.backward(from: [(y, made(y.shape, 0.531))])
      return [y.values()] + inputs.map { $0.gradientValues() } + kept.map { $0.values() }
    }
    let one = try results(1)
    for threads in [2, 3, 5] { #expect(try results(threads) == one, "\(threads) threads") }
  }

  /// Where several numbers of a window are the largest, as zeros behind ReLU are, the first takes the gradient.
  @Test(arguments: KernelLevel.allCases.filter(\.isSupported))
  func firstOfEqualNumbersTakesTheGradient(_ level: KernelLevel) throws {
    let golden = GoldenCase(file: try GoldenFile(convolutionFile), name: "max_pool_ties")
    let engine = Engine(threadCount: 2, level: level)
    let tape = Tape(engine)
    let x = try golden.tensor("x", engine)
    let y = tape.maxPool(x, kernel: 3, stride: 2, padding: .even(1))
    #expect(y.values() == (try golden.floats("y")))
    try tape.backward(from: [(y, try golden.tensor("dy", engine))])
    #expect(difference(x.gradientValues(), try golden.floats("dx"), relative: 1e-6, scale: .largest) == nil)
  }

  /// Two halves of a batch whose sums meet are one batch: results, gradients and statistics.
  @Test func halvesAreOneBatch() throws {
    let golden = GoldenCase(file: try GoldenFile(convolutionFile), name: "batch_norm_batch")
    let engine = Engine(threadCount: 1)
    let (x, dy) = (try golden.floats("x"), try golden.floats("dy"))
    let channels = try golden.shape("weight")[0]
    let rows = x.count / channels
    let parts = [0..<rows / 3, rows / 3..<rows]
    // The sums that the second half adds, taken from a pass of its own; the forward pass asks twice, the backward twice.
    final class Exchange { var sums: [[[Double]]] = [[], []] }
    func run(_ part: Int, _ sum: @escaping (inout [Double]) -> Void) throws -> (Tensor, [Tensor], [Tensor]) {
      let range = parts[part].lowerBound * channels..<parts[part].upperBound * channels
      let tape = Tape(engine, batchStatistics: BatchStatistics(sum: sum))
      let inputs = [
        engine.tensor(x[range], shape: [range.count / channels, channels], requiresGradient: true),
        try golden.tensor("weight", engine), try golden.tensor("bias", engine),
      ]
      let kept = [
        try golden.tensor("mean", engine, requiresGradient: false),
        try golden.tensor("variance", engine, requiresGradient: false),
      ]
      let y = tape.batchNorm(
        inputs[0], weight: inputs[1], bias: inputs[2], mean: kept[0], variance: kept[1])
      try tape.backward(from: [(y, engine.tensor(dy[range], shape: y.shape))])
      return (y, inputs, kept)
    }
    // Four rounds: in round r the sums of the rounds before are known of both halves.
    let exchange = Exchange()
    for round in 0..<4 {
      let known = exchange.sums
      for part in 0...1 {
        var call = 0
        _ = try run(part) { numbers in
          if call < round {
            numbers = zip(known[0][call], known[1][call]).map { $0 + $1 }
          } else if call == round {
            exchange.sums[part].append(numbers)
          }
          call += 1
        }
      }
    }
    let sums = exchange.sums
    var results: [(Tensor, [Tensor], [Tensor])] = []
    for part in 0...1 {
      var call = 0
      results.append(
        try run(part) { numbers in
          numbers = zip(sums[0][call], sums[1][call]).map { $0 + $1 }
          call += 1
        })
    }
    func expect(_ actual: [Float], _ name: String) throws {
      let report = difference(actual, try golden.floats(name), relative: 1e-5, floor: 1e-7, scale: .largest)
      #expect(report == nil, "\(name)")
    }
    try expect(results.flatMap { $0.0.values() }, "y")
    try expect(results.flatMap { $0.1[0].gradientValues() }, "dx")
    for (index, name) in [(1, "dweight"), (2, "dbias")] {
      try expect(zip(results[0].1[index].gradientValues(), results[1].1[index].gradientValues()).map { $0 + $1 }, name)
    }
    for result in results {
      try expect(result.2[0].values(), "moved_mean")
      try expect(result.2[1].values(), "moved_variance")
    }
  }
}
