internal import ArgumentParser
internal import Reporting
internal import Verification

/// `mmtrain verify`: whether this machine computes what other programs compute.
struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Compare this machine's results with those of other programs.",
    discussion: """
      mmtrain verify
      mmtrain verify --json

      A tokenizer, photos and a transformer block with its gradients, at every
      kernel level that this processor has, against what Python's tokenizers,
      Pillow and PyTorch made of them. It needs no files and takes a moment.
      Ends with 70 if anything is wrong.
      """)

  @Flag(help: "Print one JSON document.")
  var json = false

  func run() throws {
    let checks = verify()
    try printResult(json ? document(of: checks) : table(of: checks))
    let failed = checks.filter { !$0.isRight }.map(\.name)
    if !failed.isEmpty { throw VerificationError(failed: failed) }
  }
}

private func document(of checks: [VerificationCheck]) -> String {
  let rows = checks.map { check in
    OrderedJSON.object([
      ("name", .text(check.name)), ("difference", .number(check.difference)), ("limit", .number(check.limit)),
      ("unit", .text(check.unit)), ("ok", .flag(check.isRight)),
    ])
  }
  return OrderedJSON.object([("ok", .flag(checks.allSatisfy(\.isRight))), ("checks", .list(rows))]).document
}

private func table(of checks: [VerificationCheck]) -> String {
  func line(_ cells: [String]) -> String {
    zip(cells, [30, 12, 12]).map { cell, width in cell + String(repeating: " ", count: max(1, width - cell.count)) }
      .joined() + cells[3] + "\n"
  }
  let rows = checks.map { check in
    line([
      check.name, figure(check.difference), figure(check.limit),
      (check.isRight ? "ok" : "WRONG") + " (\(check.unit))",
    ])
  }
  return line(["check", "difference", "limit", "result"]) + rows.joined()
}

/// Two digits, with a power of ten where the number is small.
private func figure(_ value: Double) -> String {
  guard value.isFinite else { return "no result" }
  if value == value.rounded(), value < 1e15 { return String(Int(value)) }
  if value >= 10 { return "\(value)" }
  var (mantissa, exponent) = (value, 0)
  while mantissa < 1 { (mantissa, exponent) = (mantissa * 10, exponent - 1) }
  return decimals(mantissa, 1) + (exponent == 0 ? "" : "e\(exponent)")
}
