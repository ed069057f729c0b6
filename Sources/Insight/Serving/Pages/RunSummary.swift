internal import Reporting
internal import Reports

/// A run in a line.
struct RunSummary: Sendable {
  let name: String
  /// What is known of how it ended, or why it cannot be read.
  let state: String
  let steps: Int?
  let seconds: Double
  let isRunning: Bool

  init(_ name: String, _ history: Result<RunHistory, any Error>) {
    self.name = name
    switch history {
    case .success(let run):
      (state, steps, seconds) = (run.state.rawValue, run.lastStep, run.seconds)
      isRunning = run.state == .running
    case .failure(let error):
      let words = (error as? any ReportableError)?.description ?? (error as? Refusal)?.message
      (state, steps, seconds, isRunning) = (words ?? "cannot be read", nil, 0, false)
    }
  }

  var document: OrderedJSON {
    .object([
      ("name", .text(name)), ("state", .text(state)), ("steps", steps.map { .integer($0) } ?? .null),
      ("seconds", .number(seconds)),
    ])
  }
}
