import TensorEngine
import TestSupport
import Testing

/// Every operation, forward and backward, element by element against PyTorch, at every instruction set that this
/// processor has, with one thread and with three, with products by either library.
@Suite struct GoldenOperationTests {
  static let levels = KernelLevel.allCases.filter(\.isSupported)

  @Test(arguments: operationCases + convolutionCases, levels)
  func operationEqualsPyTorch(_ operation: OperationCase, _ level: KernelLevel) throws {
    for (threads, library) in [(1, ProductLibrary.openBLAS), (3, .openBLAS), (1, .oneDNN), (3, .oneDNN)] {
      let engine = Engine(threadCount: threads, level: level, products: ProductChoice(library))
      let golden = try operation.golden
      let tape = Tape(engine, batchStatistics: operation.usesBatch ? BatchStatistics() : nil)
      let inputs = try operation.inputs.map { try golden.tensor($0, engine) }
      let outputs = try operation.apply(tape, inputs, golden)
      for (output, name) in zip(outputs, operation.outputs) {
        expectEqual(output.values(), try golden.floats(name), name, operation, library)
      }
      let gradients = try operation.outputs.map {
        $0 == "loss" ? engine.tensor([1], shape: []) : try golden.tensor("d" + $0, engine, requiresGradient: false)
      }
      try tape.backward(from: Array(zip(outputs, gradients)))
      for (input, name) in zip(inputs, operation.inputs) {
        expectEqual(input.gradientValues(), try golden.floats("d" + name), "d" + name, operation, library)
      }
    }
  }

  private func expectEqual(
    _ actual: [Float], _ expected: [Float], _ name: String, _ operation: OperationCase, _ library: ProductLibrary
  ) {
    let report = difference(actual, expected, relative: operation.tolerance, floor: 1e-7, scale: .largest)
    #expect(report == nil, "\(operation.name)/\(name) by \(library)")
  }
}
