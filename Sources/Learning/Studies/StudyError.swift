public import Documents
public import Reporting

/// Why there is no study.
public enum StudyError: ReportableError {
  /// A plan that cannot be followed. All that is wrong is told at once.
  case plan([DocumentProblem])
  /// A variant or stage whose configuration is wrong, in the configuration's own words.
  case recipe(plan: String, name: String, problem: String)
  /// Variants that are to be equal in something, and are not.
  case budget(plan: String, problems: [String])
  /// The directory holds another study.
  case otherStudy(directory: String, name: String, found: String)
  /// What a run has left behind cannot be read.
  case damaged(path: String, problem: String)

  public var exitCode: ExitCode {
    switch self {
    case .plan, .recipe, .budget: .configuration
    case .otherStudy: .cannotCreateOutput
    case .damaged: .badData
    }
  }

  public var description: String {
    switch self {
    case .plan(let problems):
      if problems.count == 1 { return "\(problems[0]); docs/studies.md has the keys and an example" }
      let shown = problems.prefix(20).map { "  \($0)" }
      let more = problems.count > 20 ? ["  … and \(problems.count - 20) more"] : []
      return
        (["\(problems.count) things are wrong in the plan (docs/studies.md has the keys and an example):"] + shown
        + more)
        .joined(separator: "\n")
    case .recipe(let plan, let name, let problem):
      return "\(printable(plan)): \(printable(name)): \(problem)"
    case .budget(let plan, let problems):
      return
        "\(printable(plan)): \(problems.joined(separator: "; ")). Make them equal (model.match finds sizes), or say so: "
        + "differs: [operations] in the variant"
    case .otherStudy(let directory, let name, let found):
      return
        "\(printable(directory)) holds the study \(printable(found)), not \(printable(name)); name another --output"
    case .damaged(let path, let problem):
      return "\(printable(path)) cannot be read: \(problem); remove it, and it is measured anew"
    }
  }
}
