internal import ArgumentParser
internal import Benchmarks
internal import Launching
internal import Reporting
internal import TensorEngine

/// `mmtrain bench convolutions`: convolutions without and with oneDNN's kernels.
struct BenchConvolutionsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convolutions",
    abstract: "Time the convolutions of published networks without and with oneDNN's kernels.",
    discussion: """
      mmtrain bench convolutions --batch 8

      Without them those over all channels copy windows side by side and take one product, and depthwise ones have
      kernels of the engine's own. With products=onednn, or auto, training computes as the engine has found to be faster:
      some gradients are its own there too. Forward (with the copies), the gradient of the weights and that of the
      inputs, fp32; a ratio above 1 says that oneDNN's take less time.
      """)

  @Option(help: ArgumentHelp("Images of the batch.", valueName: "n"))
  var batch = 8

  @Option(
    help: ArgumentHelp("The library of fp32 products: openblas, onednn, or auto for the faster.", valueName: "name"))
  var products = "auto"

  @Option(help: ArgumentHelp("How often each is timed; the best counts.", valueName: "n"))
  var repetitions = 7

  @Option(help: ArgumentHelp("Threads.", valueName: "n"))
  var threads = 1

  @Flag(help: "Print one JSON document.")
  var json = false

  func validate() throws {
    guard products == "auto" || ProductLibrary(rawValue: products) != nil else {
      throw ValidationError("--products is openblas, onednn or auto")
    }
    guard (1...10_000).contains(batch), (1...4096).contains(threads), (1...10_000).contains(repetitions) else {
      throw ValidationError("--batch, --repetitions and --threads begin at 1")
    }
  }

  func run() throws {
    let choice = try ProductLibrary(rawValue: products).map { ProductChoice($0) } ?? fasterProducts()
    let engine = Engine(threadCount: threads, products: choice)
    let rows: [Row] = try publishedConvolutions(images: batch).map {
      (shape: $0, times: try measure($0, repetitions: repetitions, engine))
    }
    let facts = BenchFacts(threads: threads, products: "\(choice)")
    try printResult(json ? document(rows, facts) : table(rows, facts))
  }

  private typealias Row = (shape: ConvolutionShape, times: [ConvolutionTime])

  private func table(_ rows: [Row], _ facts: BenchFacts) -> String {
    let titles = ["ms", "GFLOP/s", "oneDNN ms", "GFLOP/s", "ratio"].map { column($0, 10) }.joined()
    return facts.line + column("\(batch) images", 35, left: true) + titles + "\n"
      + rows.flatMap { row in row.times.map { line(row.shape, $0) } }.joined()
  }

  private func line(_ shape: ConvolutionShape, _ time: ConvolutionTime) -> String {
    return column(shape.name, 26, left: true) + column(time.pass.rawValue, 9, left: true) + figures(shape, time.own)
      + figures(shape, time.oneDNN) + column(decimals(time.own / time.oneDNN, 2), 10) + "\n"
  }

  private func figures(_ shape: ConvolutionShape, _ seconds: Double) -> String {
    column(decimals(1e3 * seconds, 2), 10) + column(decimals(gigaflops(shape, seconds), 0), 10)
  }

  private func document(_ rows: [Row], _ facts: BenchFacts) -> String {
    let list = rows.flatMap { row in row.times.map { entry(row.shape, $0) } }
    return OrderedJSON.object(
      facts.members + [("batch", .integer(batch)), ("convolutions", .list(list))]
    ).document
  }

  private func entry(_ shape: ConvolutionShape, _ time: ConvolutionTime) -> OrderedJSON {
    .object([
      ("name", .text(shape.name)), ("pass", .text(time.pass.rawValue)), ("seconds", .number(time.own)),
      ("gflops", .number(gigaflops(shape, time.own))), ("onednn_seconds", .number(time.oneDNN)),
      ("onednn_gflops", .number(gigaflops(shape, time.oneDNN))), ("ratio", .number(time.own / time.oneDNN)),
    ])
  }

  private func gigaflops(_ shape: ConvolutionShape, _ seconds: Double) -> Double {
    Double(shape.operations) / seconds * 1e-9
  }
}

extension ConvolutionShape {
  /// "3×3 64→64 @56", and where it is not 1 the stride.
  fileprivate var name: String {
    "\(kernel)×\(kernel) " + (isDepthwise ? "depthwise \(inputs)" : "\(inputs)→\(outputs)") + " @\(side)"
      + (stride == 1 ? "" : " /\(stride)")
  }
}
