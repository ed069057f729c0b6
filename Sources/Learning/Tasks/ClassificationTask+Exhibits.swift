internal import Batching
internal import Evaluation

extension ClassificationTask {
  /// What a page shows of what was told of a split's classes.
  func exhibits(
    _ metrics: ClassificationMetrics, _ predictions: ClassPredictions, of dataSet: PreparedDataSet, split: String,
    showing count: Int
  ) throws -> [Exhibit] {
    let samples = try dataSet.samples(split: split)
    return try metrics.exhibits(of: predictions, showing: count) { place in
      var sample = ShownSample(place: place, name: samples[place].key)
      sample.text = try text(of: samples[place], in: dataSet)
      return sample
    }
  }

  /// What is read of it, where something is.
  private func text(of sample: SampleReference, in dataSet: PreparedDataSet) throws -> String? {
    guard let column = textInput else { return nil }
    let (captions, columns) = try dataSet.columns([column], of: sample)
    if case .text(let name) = column { return columns.texts[name] }
    return captions.first
  }
}
