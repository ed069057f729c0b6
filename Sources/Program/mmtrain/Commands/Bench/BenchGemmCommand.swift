internal import ArgumentParser
internal import Benchmarks
internal import Configuration
internal import Models
internal import Reporting
internal import TensorEngine
internal import Training

/// `mmtrain bench gemm`: each matrix product of a preset's linear layers against the processor's peak.
struct BenchGemmCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gemm", abstract: "Time the matrix products of a preset against the peak of multiply-adds.",
    discussion: """
      mmtrain bench gemm --preset vit-b-32 --batch 32 --precision bf16

      The peak is measured in fp32 on one core and counted once a thread; for bf16 it is taken twice.
      """)

  @Option(help: ArgumentHelp("A set of sizes: tiny, small, vit-b-32, vit-b-16, vit-l-14 or base.", valueName: "name"))
  var preset = "vit-b-32"

  @Option(help: ArgumentHelp("Pairs of the batch.", valueName: "n"))
  var batch = 32

  @Option(name: .customLong("caption-tokens"), help: ArgumentHelp("Tokens of a caption.", valueName: "n"))
  var captionTokens = 16

  @Option(help: ArgumentHelp("fp32 or bf16.", valueName: "name"))
  var precision = "fp32"

  @Option(
    help: ArgumentHelp("The library of fp32 products: openblas, onednn, or auto for the faster.", valueName: "name"))
  var products = "auto"

  @Option(help: ArgumentHelp("Threads.", valueName: "n"))
  var threads = 1

  @Flag(help: "Print one JSON document.")
  var json = false

  func validate() throws {
    guard let precision = Precision(rawValue: precision) else { throw ValidationError("--precision is fp32 or bf16") }
    guard products == "auto" || ProductLibrary(rawValue: products) != nil else {
      throw ValidationError("--products is openblas, onednn or auto")
    }
    guard precision.isSupported else { throw ValidationError("this processor has no AVX-512, so no bf16") }
    guard (1...100_000).contains(batch), (1...100_000).contains(captionTokens), (1...4096).contains(threads) else {
      throw ValidationError("--batch, --caption-tokens and --threads begin at 1")
    }
  }

  func run() throws {
    let configuration = try RunConfiguration(
      file: nil,
      settings: ["model.name=\(ModelCatalogue.benchmarked)", "model.preset=\(preset)"].map { ConfigurationSetting($0) })
    let precision = Precision(rawValue: precision) ?? .fp32
    let choice = try ProductLibrary(rawValue: products).map { ProductChoice($0) } ?? fasterProducts()
    let engine = Engine(threadCount: threads, precision: precision, products: choice)
    let peak = engine.measurePeak() * Double(threads) * (precision == .bf16 ? 2 : 1)
    let rows = try Benchmarks.products(of: configuration.benchmarkModel(), batch: batch, captionTokens: captionTokens)
      .map { ($0, engine.measure($0.shape, repetitions: 7)) }
    let facts = BenchFacts(threads: threads, precision: precision.rawValue, products: "\(choice)")
    try printResult(json ? document(rows, peak, facts) : table(rows, peak, facts))
  }

  private func table(_ rows: [(NamedProduct, Double)], _ peak: Double, _ facts: BenchFacts) -> String {
    facts.line + "peak \(decimals(peak, 0)) GFLOP/s\n"
      + rows.map { product, speed in
        let shape = "\(product.shape.rows)×\(product.shape.columns)×\(product.shape.depth)"
        return column(product.name, 14, left: true) + column(shape, 18, left: true)
          + column(decimals(speed, 0), 6) + " GFLOP/s" + column(decimals(100 * speed / peak, 0), 5) + " %\n"
      }.joined()
  }

  private func document(_ rows: [(NamedProduct, Double)], _ peak: Double, _ facts: BenchFacts) -> String {
    OrderedJSON.object(
      facts.members + [
        ("peak_gflops", .number(peak)),
        (
          "products",
          .list(
            rows.map { product, speed in
              .object([
                ("name", .text(product.name)), ("rows", .integer(product.shape.rows)),
                ("columns", .integer(product.shape.columns)), ("depth", .integer(product.shape.depth)),
                ("gflops", .number(speed)), ("peak_share", .number(speed / peak)),
              ])
            })
        ),
      ]
    ).document
  }
}
