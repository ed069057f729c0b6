public import Batching
public import Evaluation
public import Models

extension ClassificationTask {
  public var modalities: [Modality] {
    Modality.allCases.filter { modality in
      switch modality {
      case .image: inputs.contains(.image)
      case .text: textInput != nil
      case .audio: inputs.contains(.audio)
      }
    }
  }

  /// Of what looks at several modalities the hub has no name that says it.
  public func pipelineTag(on model: any ModelDescription) -> String? {
    switch modalities {
    case [.image]: model.images.modality == .audio ? "audio-classification" : "image-classification"
    case [.audio]: "audio-classification"
    case [.text]: "text-classification"
    default: nil
    }
  }

  public func isComparable(with other: any Task) -> Bool {
    guard let other = other as? ClassificationTask else { return false }
    return other.label == label && other.classes.names == classes.names && other.isSeveral == isSeveral
      && other.inputs.allSatisfy(inputs.contains)
  }

  public func judge(
    _ subject: MeasuredModel, on dataSet: PreparedDataSet, split: String, progress: (_ done: Int, _ total: Int) -> Void
  ) throws -> JudgedModel? {
    guard let predictions = try classPredictions(subject, on: dataSet, split: split, progress: progress) else {
      return nil
    }
    return JudgedModel(
      report: try ClassificationMetrics(predictions, hasIntervals: subject.isThorough), judged: predictions.judged,
      clusters: predictions.clusters, blind: predictions.mostFrequent.map { [$0] } ?? [], predictions: predictions)
  }

  public func fusionScores(
    _ subject: MeasuredModel, on dataSet: PreparedDataSet, split: String, rewordings: Rewordings?,
    progress: @escaping (_ done: Int, _ total: Int) -> Void
  ) throws -> FusionScores? {
    guard let head = subject.head as? ClassificationHead else { return nil }
    try check(dataSet, split: split)
    try dataSet.requirePhotos(split: split, for: "--fusion")
    let samples = try FusedClasses(
      head, dataSet, split: split, clusters: subject.clusters(of: dataSet, split: split))
    var measurement = try FusionMeasurement(subject, samples, dataSet, split: split, progress: progress)
    return try measurement?(rewordings)
  }
}

extension ClassPredictions {
  /// What somebody would say who has seen how often each class occurs in the split, and nothing else; where several may be true nobody says
  /// one.
  fileprivate var mostFrequent: BesideMetrics.Other? {
    guard !isSeveral else { return nil }
    let counts = targets.reduce(into: [Int](repeating: 0, count: classes.count)) { counts, targets in
      for target in targets { counts[target] += 1 }
    }
    let usual = counts.indices.reduce(0) { counts[$1] > counts[$0] ? $1 : $0 }
    let said = targets.map { _ in [usual] }
    let percent = targets.map { ClassPredictions.percent([usual], targets: $0, isSeveral: false) }
    return BesideMetrics.Other(
      name: "the split's most frequent class", modality: nil, judged: JudgedSplit(said: said, percent: percent))
  }
}
