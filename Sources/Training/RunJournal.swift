internal import Evaluation
internal import Foundation
internal import Reporting

/// What a run tells: metrics.jsonl for machines, progress for people. Rank 0 has one with a log, the others a silent one.
final class RunJournal {
  private let log: MetricLog?
  private let progress: ProgressReporter?

  init(log: MetricLog?, progress: ProgressReporter?) { (self.log, self.progress) = (log, progress) }

  func record(_ metrics: StepMetrics) {
    log?.write(metrics)
    progress?.update(
      completed: metrics.step,
      detail:
        "loss \(brief(Double(metrics.loss))) · \(brief(metrics.samplesPerSecond)) pairs/s · epoch \(metrics.epoch + 1)")
  }

  func record(_ report: EvaluationReport, step: Int, epoch: Int) {
    guard let log else { return }
    var members: [(String, OrderedJSON)] = [("step", .integer(step)), ("epoch", .integer(epoch))]
    if let retrieval = report.retrieval {
      members.append(("image_to_text", recall(retrieval.imageToText)))
      members.append(("text_to_image", recall(retrieval.textToImage)))
    }
    if let matching = report.matching {
      members.append(
        (
          "matching",
          .object([("accuracy", .number(matching.accuracy))] + (matching.auc.map { [("auc", .number($0))] } ?? []))
        ))
    }
    log.write(event: "evaluation", members)
    progress?.note("epoch \(epoch): " + rows(of: report).map { "\($0.name) \($0.value)" }.joined(separator: ", "))
  }

  func recordSave(step: Int, seconds: Double) {
    log?.write(event: "checkpoint", [("step", .integer(step)), ("seconds", .number((seconds * 1e6).rounded() / 1e6))])
  }

  func recordStart(step: Int, ranks: Int, threads: Int, blasCore: String, parameters: Int) {
    log?.write(
      event: "start",
      [
        ("step", .integer(step)), ("ranks", .integer(ranks)), ("threads", .integer(threads)),
        ("blas_core", .text(blasCore)), ("parameters", .integer(parameters)),
      ])
  }

  func note(_ line: String) { progress?.note(line) }

  func finish(_ line: String) { progress?.finish(detail: line) }

  /// The results as a person reads them.
  func rows(of report: EvaluationReport) -> [(name: String, value: String)] {
    var rows: [(name: String, value: String)] = []
    if let retrieval = report.retrieval {
      rows.append(("image→text R@5", brief(retrieval.imageToText.r5) + " %"))
      rows.append(("text→image R@5", brief(retrieval.textToImage.r5) + " %"))
    }
    if let matching = report.matching { rows.append(("matching accuracy", brief(matching.accuracy) + " %")) }
    return rows
  }

  private func recall(_ metrics: RecallMetrics) -> OrderedJSON {
    .object([
      ("r1", .number(metrics.r1)), ("r5", .number(metrics.r5)), ("r10", .number(metrics.r10)),
      ("median_rank", .number(metrics.medianRank)),
    ])
  }
}

/// Four significant digits, without a locale.
func brief(_ value: Double) -> String {
  guard value.isFinite else { return "\(value)" }
  let magnitude = value.magnitude
  let digits = magnitude >= 1000 ? 0 : magnitude >= 100 ? 1 : magnitude >= 10 ? 2 : magnitude >= 1 ? 3 : 4
  return String(format: "%.\(digits)f", value)
}

/// e^x of the C library.
package func exponential(_ x: Double) -> Double { exp(x) }
