public import Evaluation
public import Pretrained

extension CardIndex {
  /// The figures of a report.
  public init(model: String, task: String?, dataSet: String, split: String, _ report: any TaskReport) {
    self.init(
      model: model, task: task, dataSet: dataSet, split: split,
      figures: report.figures.map { Figure(name: $0.name, value: $0.value, interval: $0.interval) })
  }
}
