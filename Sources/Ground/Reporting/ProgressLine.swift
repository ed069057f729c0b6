/// The live line of a terminal: `training ━━━━━━╌╌╌╌ 60%  step 300/500  2:05 left  loss 2.31`, at most `width` columns.
public func progressBarLine(_ state: ProgressState, width: Int, isColoured: Bool) -> String {
  let tail = parts(state).joined(separator: "  ")
  let barWidth = min(30, width - state.title.count - tail.count - 4)
  guard let fraction = state.fraction, barWidth >= 5 else { return cut(state.title + "  " + tail, to: width) }
  let filled = Int((fraction * Double(barWidth)).rounded(.down))
  let done = String(repeating: "━", count: filled)
  let rest = String(repeating: "╌", count: barWidth - filled)
  let bar = isColoured ? "\u{1B}[32m\(done)\u{1B}[2;39m\(rest)\u{1B}[0m" : done + rest
  return "\(state.title) \(bar) \(tail)"
}

/// The line of a log file: the same facts without a bar or colours.
public func progressLogLine(_ state: ProgressState) -> String {
  state.title + ": " + parts(state).joined(separator: ", ")
}

/// The line that stands when all is done.
public func progressSummaryLine(_ state: ProgressState) -> String {
  var line = "\(state.title): \(state.completed) \(state.unit)s in \(durationText(state.secondsElapsed))"
  if let rate = state.rate { line += ", \(rateText(rate, unit: state.unit))" }
  return state.detail.isEmpty ? line : line + ", " + printable(state.detail)
}

private func parts(_ state: ProgressState) -> [String] {
  var parts: [String] = []
  if let fraction = state.fraction { parts.append("\(Int((fraction * 100).rounded(.down)))%") }
  parts.append("\(state.unit) \(state.completed)" + (state.total.map { "/\($0)" } ?? ""))
  if let rate = state.rate { parts.append(rateText(rate, unit: state.unit)) }
  if let left = state.secondsRemaining { parts.append(durationText(left) + " left") }
  if !state.detail.isEmpty { parts.append(printable(state.detail)) }
  return parts
}

private func cut(_ text: String, to width: Int) -> String {
  text.count <= width ? text : String(text.prefix(max(0, width - 1))) + "…"
}
