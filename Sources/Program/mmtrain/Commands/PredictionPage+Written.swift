internal import Evaluation
internal import Reports

extension PredictionPage.Told {
  /// What a model has written of a sample of a split.
  init(_ sample: WrittenSample) {
    self.init(text: nil, bars: [], box: nil, trust: nil)
    (written, references, scores) = (sample.text, sample.references, sample.scores)
  }
}
