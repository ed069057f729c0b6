internal import ArgumentParser
internal import Launching
internal import Reporting
internal import TensorEngine

/// `mmtrain bench`: the measurements behind what is said about speed.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Measure how fast this machine trains.",
    discussion: """
      mmtrain bench step --preset vit-b-32 --batch 32 --data prepared/flickr8k
      mmtrain bench embed --preset vit-b-32 --batch 32 --precision bf16
      mmtrain bench gemm --preset vit-b-32 --precision bf16
      mpirun -n 2 mmtrain bench allreduce

      Other programs on the machine slow every figure down: measure on an idle one, and compare what was measured in turns.
      """,
    subcommands: [
      BenchStepCommand.self, BenchEmbedCommand.self, BenchWriteCommand.self, BenchGemmCommand.self,
      BenchConvolutionsCommand.self, BenchKernelsCommand.self, BenchAllReduceCommand.self, BenchScalingCommand.self,
      BenchHostsCommand.self, BenchLoaderCommand.self, BenchCheckpointCommand.self, BenchStartupCommand.self,
      BenchSafeguardsCommand.self,
    ])
}

/// What is said with every figure.
struct BenchFacts {
  var threads = 1
  var ranks = 1
  var precision = "fp32"
  /// Which library computes fp32 products, where that is of interest.
  var products: String?

  var line: String {
    "\(Machine.current().processor), \(Engine.blasCore) BLAS, \(products.map { "products by \($0), " } ?? "")\(KernelLevel.best.rawValue) kernels, \(precision), "
      + "\(ranks) rank(s) × \(threads) thread(s)\n"
  }

  var members: [(String, OrderedJSON)] {
    [
      ("processor", .text(Machine.current().processor)), ("blas_core", .text(Engine.blasCore)),
      ("kernels", .text(KernelLevel.best.rawValue)), ("precision", .text(precision)), ("threads", .integer(threads)),
      ("ranks", .integer(ranks)),
    ] + (products.map { [("products_by", .text($0))] } ?? [])
  }
}

/// A column of a table: texts to the left, numbers to the right.
func column(_ text: String, _ width: Int, left: Bool = false) -> String {
  let space = String(repeating: " ", count: max(0, width - text.count))
  return left ? text + space : space + text
}
