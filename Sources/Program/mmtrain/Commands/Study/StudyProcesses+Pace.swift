internal import Configuration
internal import Files
internal import Reporting
internal import Reports
internal import Studies

extension StudyProcesses {
  /// Measures how long a step of each recipe takes that is not known yet, by training it for a few.
  /// - Parameter expansion: of a few steps each.
  /// - Returns: false where somebody asked to stop.
  func measurePaces(_ paces: inout StudyPaces, of expansion: StudyExpansion, in directory: String) throws -> Bool {
    let folder = directory + "/paces"
    for run in expansion.runs where !paces.contains(recipe: run.recipe, set: run.block.set) {
      let trial = run.paceTrial(in: folder, number: expansion.runs.firstIndex { $0.folder == run.folder } ?? 0)
      // What a start before has left was not measured whole.
      if isDirectory(trial.configuration.outputDirectory) { try removeTree(trial.configuration.outputDirectory) }
      try makeDirectory(trial.configuration.outputDirectory)
      let log = trial.configuration.outputDirectory + ".log"
      switch try train(trial, log: log) {
      case .stopped: return false
      case .failed(let words, _):
        throw StudyError.recipe(plan: expansion.plan.name, name: run.recipe, problem: "its trial failed: \(words)")
      case .done: break
      }
      let history = try RunHistory(run: trial.configuration.outputDirectory)
      let steps = history.curves.first { $0.name == "step seconds" }?.points.map(\.mean) ?? []
      let counted = steps.dropFirst(steps.count / 4).sorted()
      guard !counted.isEmpty else {
        throw StudyError.recipe(plan: expansion.plan.name, name: run.recipe, problem: "its trial made no step")
      }
      paces.set(counted[counted.count / 2], recipe: run.recipe, set: run.block.set)
      try paces.write(in: directory)
    }
    return true
  }
}

extension StudyRun {
  /// The same in a folder of its own, without evaluations.
  fileprivate func paceTrial(in folder: String, number: Int) -> StudyRun {
    var configuration = configuration
    configuration.output = "\(folder)/\(recipe)-\(number)"
    configuration.evaluation.split = "none"
    return StudyRun(self, configuration)
  }
}
