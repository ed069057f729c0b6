internal import ArgumentParser
internal import Evaluation
internal import Files
internal import Privacy
internal import Reporting

/// `mmtrain privacy audit`: what a run has given away, from its ledger.
struct PrivacyAuditCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit", abstract: "Count from a ledger what a run has given away.",
    discussion: """
      mmtrain privacy audit runs/a
      mmtrain privacy audit runs/a/privacy.jsonl --delta 1e-6 --json

      Steps that are in the ledger count, whatever became of their results: one that was taken again after a crash counts
      once where secret, data, configuration and program were the same, and each time otherwise. A ledger that was changed is
      refused (65). What was cut off its end cannot be seen in it (docs/privacy.md).
      """)

  @Argument(help: ArgumentHelp("A run directory, or a ledger.", valueName: "run"))
  var directory: String

  @Option(help: ArgumentHelp("δ; by default the one that the run began with.", valueName: "probability"))
  var delta: Double?

  @Flag(help: "Print one JSON document.")
  var json = false

  func validate() throws {
    if let delta, !(delta > 0 && delta < 1) { throw ValidationError("--delta must be between 0 and 1") }
  }

  func run() throws {
    let path = isDirectory(directory) ? directory + "/" + PrivacyLedger.fileName : directory
    let audit = PrivacyAudit(try PrivacyLedger(path: path), delta: delta)
    try printResult(json ? document(audit) : table(audit))
  }

  private func table(_ audit: PrivacyAudit) -> String {
    let lines = audit.sections.map {
      "\($0.units) units (\($0.unit)), \($0.batch) drawn a step in the mean, clipped to \($0.clip): \($0.steps) steps"
    }
    let costs = Accountant.allCases.map { ($0, audit.cost($0)) }
    let rows = costs.map { ["ε by \($0.rawValue)", (try? $1.get()).map { decimals($0.epsilon, 3) } ?? "–"] }
    // As `privacy plan` says it.
    let reasons = costs.compactMap { _, cost -> String? in
      guard case .failure(let error) = cost else { return nil }
      return "– : \(error)"
    }
    return (lines + ["", "δ \(audit.delta)"] + aligned(rows) + reasons).joined(separator: "\n") + "\n"
  }

  private func document(_ audit: PrivacyAudit) -> String {
    let sections = audit.sections.map {
      OrderedJSON.object([
        ("unit", .text($0.unit)), ("units", .integer($0.units)), ("batch", .integer($0.batch)),
        ("clipped_to", .number($0.clip)),
        ("steps", .integer($0.steps)), ("lines", .integer($0.lines)),
      ])
    }
    let costs = Accountant.allCases.map { accountant in
      (
        "epsilon_\(accountant.rawValue)",
        (try? audit.cost(accountant).get()).map { OrderedJSON.number($0.epsilon) } ?? .null
      )
    }
    return OrderedJSON.object([("delta", .number(audit.delta)), ("sections", .list(sections))] + costs).document
  }
}
