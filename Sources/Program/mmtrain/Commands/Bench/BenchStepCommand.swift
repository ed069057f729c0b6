internal import ArgumentParser
internal import Collectives
internal import Configuration
internal import Foundation
internal import Launching
internal import Models
internal import Reporting
internal import Training

/// `mmtrain bench step`: whole training steps, on real photos and captions or on random ones.
struct BenchStepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "step",
    abstract: "Time whole training steps: forward, backward, sum over ranks, AdamW.",
    discussion: """
      mmtrain bench step --model clip --preset vit-b-32 --batch 32 --threads 2 --data prepared/flickr8k
      mpirun -n 2 mmtrain bench step --preset small --batch 128 --caption-lengths 8,12,20 --json

      With --data the batch is the first of the training split, in file-name order with the first captions. With
      --caption-lengths pixels and tokens are random, always the same, and captions have these many tokens in turn. The
      median of the steps is printed; two more go before it.
      """)

  @Option(help: ArgumentHelp("One of \(ModelCatalogue.names.joined(separator: ", ")).", valueName: "name"))
  var model = ModelCatalogue.benchmarked

  @Option(help: ArgumentHelp("A set of sizes: tiny, small, vit-b-32, vit-b-16, vit-l-14 or base.", valueName: "name"))
  var preset = "vit-b-32"

  @Option(help: ArgumentHelp("Pairs of the global batch.", valueName: "n"))
  var batch = 32

  @Option(help: ArgumentHelp("fp32, bf16, or auto for the faster one here.", valueName: "name"))
  var precision = "fp32"

  @Option(help: ArgumentHelp("Pairs that a rank computes at once; all by default.", valueName: "n"))
  var micro: Int?

  @Option(help: ArgumentHelp("What runs again in the backward pass: none or blocks.", valueName: "what"))
  var recompute = "none"

  @Option(help: ArgumentHelp("Steps that are counted.", valueName: "n"))
  var steps = 5

  @Option(help: ArgumentHelp("Threads of a rank; by default the cores are divided.", valueName: "n"))
  var threads: Int?

  @Option(help: ArgumentHelp("A prepared data set.", valueName: "dir"))
  var data: String?

  @Option(
    name: .customLong("caption-lengths"),
    help: ArgumentHelp("Without --data: tokens of the captions, in turn.", valueName: "n,n,…"))
  var captionLengths: String?

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp("Set a configuration key; may be repeated.", valueName: "key=value"))
  var settings: [String] = []

  @Flag(help: "Fill captions up to the context length, as peers do.")
  var padded = false

  @Flag(help: "Print one JSON document.")
  var json = false

  func validate() throws {
    guard (1...10_000).contains(steps) else { throw ValidationError("--steps must be from 1 to 10000") }
    guard (data == nil) != (captionLengths == nil) else {
      throw ValidationError(
        "give --data for the captions of a prepared data set, or --caption-lengths for random ones"
          + (data == nil ? "" : ", not both"))
    }
    _ = try pairs()
  }

  private func pairs() throws -> MeasuredPairs {
    if let data { return .dataSet(path: data) }
    return .random(captionLengths: try wholeNumbers(captionLengths ?? "", of: "--caption-lengths"))
  }

  func run() throws {
    let launch = detectLaunch(ProcessInfo.processInfo.environment)
    let settings =
      [
        "model.name=\(model)", "model.preset=\(preset)", "batch.global=\(batch)", "precision=\(precision)",
        "memory.recompute=\(recompute)", "batch.micro=\(micro.map(String.init) ?? "auto")",
        "schedule.warmup_steps=0",
      ] + self.settings
    let configuration = try RunConfiguration(file: nil, settings: settings.map { ConfigurationSetting($0) })
    try configuration.check(ranks: launch?.ranks ?? 1)
    let pairs = try pairs()
    if case .random(let lengths) = pairs, let longest = lengths.max(),
      longest > configuration.model.text.contextLength
    {
      throw ValidationError(
        "--caption-lengths: \(longest) tokens, the context of \(preset) has \(configuration.model.text.contextLength)")
    }
    _ = try withRanks { communicator in
      let measured = try measureStep(
        configuration, on: pairs, threads: rankThreads(requested: threads, launch), steps: steps, isPadded: padded,
        fasterProducts: fasterProducts,
        communicator: communicator)
      if communicator.rank == 0 { try printResult(json ? document(measured) : table(measured)) }
      return .success
    }
  }

  private func document(_ measured: StepMeasurement) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let share = measured.shareOfPeak(cores: coresInUse(ranks: measured.ranks, threads: measured.threads))
    let facts = "\"processor\":\(OrderedJSON.text(Machine.current().processor).line),\"peak_share\":\(share),"
    return "{" + facts + String(decoding: try encoder.encode(measured), as: UTF8.self).dropFirst() + "\n"
  }

  private func table(_ measured: StepMeasurement) -> String {
    """
    \(measured.model), batch \(measured.batch), \(measured.precision), \(measured.ranks) rank(s) × \
    \(measured.threads) thread(s), \(measured.blasCore) BLAS, products by \(measured.products), \(measured.kernels) kernels, captions of \
    \(decimals(measured.captionTokens, 1)) tokens\(measured.padded ? " padded" : "")
    model   \(measured.parameters) parameters, \(decimals(measured.gigaOperationsPerSample, 3)) GFLOP a pair, forward and backward
    step    \(decimals(measured.stepSeconds, 3)) s
    pairs   \(decimals(measured.pairsPerSecond, 2)) a second
    peak    \(decimals(100 * measured.shareOfPeak(cores: coresInUse(ranks: measured.ranks, threads: measured.threads)), 0)) % of \
    \(decimals(measured.corePeakGigaflops * (measured.precision == "bf16" ? 2 : 1), 0)) GFLOP/s a core
    memory  \(decimals(measured.peakMemoryMegabytes, 0)) MB at most
    counted \(measured.counts.systemAllocations) allocations, \(measured.counts.pageFaults) page faults

    """
  }
}
