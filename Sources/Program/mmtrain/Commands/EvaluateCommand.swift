internal import ArgumentParser
internal import Collectives
internal import Evaluation
internal import Foundation
internal import Reporting
internal import Training

/// `mmtrain evaluate`: retrieval and matching metrics of a checkpoint on a split.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measure a checkpoint on a split: retrieval, matching.",
    discussion: """
      mmtrain evaluate --checkpoint runs/a/best --data prepared/flickr30k --split test --json
      mpirun -n 4 mmtrain evaluate --checkpoint runs/a/best --data prepared/flickr30k

      Recall counts a hit if any caption of an image is found; ties count against the model. The numbers are the
      same on any number of ranks.
      """)

  @Option(help: .model)
  var checkpoint: String

  @Option(help: ArgumentHelp("A prepared data set.", valueName: "dir"))
  var data: String

  @Option(help: ArgumentHelp("The split to measure on.", valueName: "name"))
  var split = "test"

  @Option(help: ArgumentHelp("Put the best k candidates in the order of the matching head.", valueName: "k"))
  var rerank = 0

  @Option(help: ArgumentHelp("Threads of a rank; by default the cores are divided.", valueName: "n"))
  var threads: Int?

  @OptionGroup var finiteness: FinitenessOptions

  @Flag(help: "Print one JSON document.")
  var json = false

  func validate() throws {
    if !(0...1000).contains(rerank) { throw ValidationError("--rerank must be from 0 to 1000") }
    if let threads, !(1...4096).contains(threads) { throw ValidationError("--threads must be from 1 to 4096") }
  }

  func run() throws {
    let launch = detectLaunch(ProcessInfo.processInfo.environment)
    _ = try withRanks { communicator in
      let isRoot = communicator.rank == 0
      let report = try evaluateModel(
        at: modelPath(checkpoint, communicator), data: data, split: split, rerankDepth: rerank,
        allowsNotFinite: finiteness.allowsNotFinite, threads: rankThreads(requested: threads, launch),
        communicator: communicator, output: isRoot ? .standardError(environment: environmentVariable) : .silent,
        warnOfNotFinite: warnOfNotFinite)
      if isRoot { try printResult(json ? document(report) : table(report)) }
      return .success
    }
  }

  private func document(_ report: EvaluationReport) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    return String(decoding: try encoder.encode(report), as: UTF8.self) + "\n"
  }

  private func table(_ report: EvaluationReport) -> String {
    var lines = ["                   R@1     R@5    R@10   median rank"]
    for (name, metrics) in [("", report.retrieval), (" (re-ranked)", report.reranked)] {
      guard let metrics else { continue }
      lines.append(row("image→text" + name, metrics.imageToText))
      lines.append(row("text→image" + name, metrics.textToImage))
    }
    if let retrieval = report.retrieval {
      lines.append("\(retrieval.images) images, \(retrieval.captions) captions; recall in percent, any hit")
    }
    if let matching = report.matching {
      let auc = matching.auc.map { ", AUC \(decimals($0, 3))" } ?? ""
      lines.append("matching accuracy \(decimals(matching.accuracy, 2)) %\(auc) on \(matching.pairs) pairs")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func row(_ name: String, _ metrics: RecallMetrics) -> String {
    let title = name + String(repeating: " ", count: max(0, 14 - name.count))
    return title + [metrics.r1, metrics.r5, metrics.r10, metrics.medianRank].map { padded(decimals($0, 1)) }.joined()
  }

  private func padded(_ text: String) -> String { String(repeating: " ", count: max(0, 8 - text.count)) + text }
}

/// Fixed decimals without a locale.
func decimals(_ value: Double, _ count: Int) -> String {
  guard value.isFinite, value.magnitude < 1e12 else { return "\(value)" }
  let unit = (0..<count).reduce(1.0) { unit, _ in unit * 10 }
  let scaled = Int((value * unit).rounded())
  let whole = scaled.magnitude / UInt(unit)
  let part = scaled.magnitude % UInt(unit)
  let digits = String(part)
  let sign = scaled < 0 ? "-" : ""
  return count == 0
    ? "\(sign)\(whole)" : "\(sign)\(whole)." + String(repeating: "0", count: count - digits.count) + digits
}
