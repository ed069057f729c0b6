internal import Batching
internal import Configuration
internal import Models
internal import Objectives
internal import Reporting
internal import Tasks

extension RunPlan {
  /// Says which samples are mixed with others, and what texts lack.
  /// - Throws: `TrainingError.unsupported` where the model looks at what cannot be mixed.
  func remarksOnSynthesis(of dataSet: PreparedDataSet) throws -> [String] {
    let data = configuration.data
    return (data.mixUp > 0 ? [try remarkOnMixing(data, dataSet)] : [])
      + (data.wordDrop > 0
        ? [
          "texts lack \(percentage(data.wordDrop)) of their words, others in each epoch, and keep at least one (data.word_drop)"
        ]
        : [])
  }

  private func remarkOnMixing(_ data: DataSettings, _ dataSet: PreparedDataSet) throws -> String {
    if case .regions = description.images, task.columns.seen(as: description.images).contains(.regions) {
      throw TrainingError.unsupported(
        key: "data.mixup", what: "\(description.name) reads regions, and those of two photos make no third; set it to 0"
      )
    }
    if case .frames = description.images, task.columns.seen(as: description.images).contains(.image) {
      throw TrainingError.unsupported(
        key: "data.mixup",
        what: "\(description.name) looks at frames, and videos of two lengths make no third; set it to 0")
    }
    let split = try dataSet.samples(split: data.split).count
    let classes = try dataSet.columnCounts(split: data.split).filter { count in
      if case .labels = count.column { task.columns.contains(count.column) } else { false }
    }
    let lacking = split - (classes.map(\.samples).min() ?? split)
    return
      "\(percentage(data.mixUp)) of the samples of an epoch are mixed with another one of \(printable(data.split)), and so are their classes "
      + "(data.mixup), if they have the same photos and clips"
      + (lacking > 0 ? "; \(lacking) of \(split) have no class, and stay as they are" : "")
  }
}

private func percentage(_ share: Double) -> String { decimals(100 * share, 1) + " %" }
