public import Documents
public import Reporting

/// A manifest that cannot be used. All that is wrong is told at once.
public struct ManifestError: ReportableError, Equatable {
  public let problems: [DocumentProblem]

  public var exitCode: ExitCode { .configuration }

  public var description: String {
    let advice = "docs/downloads.md has the keys and an example"
    if problems.count == 1 { return "\(problems[0]); \(advice)" }
    let limit = 20
    var lines = ["\(problems.count) things are wrong in the manifest (\(advice)):"]
    lines += problems.prefix(limit).map { "  \($0)" }
    if problems.count > limit { lines.append("  … and \(problems.count - limit) more") }
    return lines.joined(separator: "\n")
  }
}
