public import Batching
internal import Collectives
public import Evaluation
internal import Images
internal import Layers
public import Models
internal import Objectives
internal import Randomness
internal import TensorEngine
internal import Tokenization

/// Pre-training: the weighted objectives on images and captions. Measured by retrieval both ways, by features or else by the
/// matching head; by matching, and by retrieval with the best candidates in the order of the matching head, where the model has
/// one; and by masked words and hidden regions where it tells them.
public struct PretrainingTask: Task {
  public static let name = "pretraining"
  public static let summary =
    "The weighted objectives on images and captions; measured by retrieval, matching, masked words and regions."

  public func pipelineTag(on model: any ModelDescription) -> String? {
    model.images.modality == .audio ? "zero-shot-audio-classification" : "zero-shot-image-classification"
  }

  /// Whether the model hears clips beside images: then a sample may lack any of the three.
  private var hearsClips = false

  public init(_ settings: TaskSettings) {}

  public var columns: ColumnSet { hearsClips ? [.image, .captions, .audio] : [.image, .captions] }
  public var columnsOfEachSample: ColumnSet { hearsClips ? [] : [.captions] }
  public var lacking: [Modality] { hearsClips ? Modality.allCases : [] }

  public func fitted(
    to dataSet: PreparedDataSet, split: String, on model: any ModelDescription, tell: (String) -> Void
  ) throws -> PretrainingTask {
    var fitted = self
    fitted.hearsClips = model.inputs.clips != nil
    return fitted
  }

  public var obstacleToWordDrop: String? { nil }

  public func measure(
    _ subject: MeasuredModel, on dataSet: PreparedDataSet, split: String, progress: (_ done: Int, _ total: Int) -> Void
  ) throws -> EvaluationReport {
    let description = subject.model.description
    guard description.texts != .none else {
      throw TaskError.noReading(task: Self.name, model: description.name)
    }
    if let model = subject.model as? any PairwiseFeatureModel {
      return try PairwiseRetrieval(subject: subject, model: model, dataSet: dataSet, split: split)(progress)
    }
    guard let model = subject.model as? any ImageModel & TextModel else { return EvaluationReport(retrieval: nil) }
    let clusters = subject.isThorough ? try dataSet.clusters(ofSplit: split) : nil
    return try PretrainingMeasurement(
      subject: subject, model: model, dataSet: dataSet, split: split, clusters: clusters)(progress)
  }
}

/// A model on a split.
struct PretrainingMeasurement {
  let subject: MeasuredModel
  let model: any ImageModel & TextModel
  let dataSet: PreparedDataSet
  let split: String
  /// Which photos are no independent evidence; nil where intervals are not asked for.
  let clusters: ImageClusters?

  var bootstrap: ClusterBootstrap? { clusters.flatMap { ClusterBootstrap($0) } }
  var engine: Engine { subject.engine }
  var communicator: any Communicator { subject.communicator }
  var tokenizer: any Tokenizer { subject.tokenizer }
  var cut: EvaluationCut? { subject.cut }

  func callAsFunction(_ progress: (_ done: Int, _ total: Int) -> Void) throws -> EvaluationReport {
    let (images, columns): (ImageShape, ColumnSet) = (model.description.images, [.image, .captions])
    let loader = try EvaluationLoader(
      dataSet: dataSet, split: split,
      columns: subject.states.images == nil ? columns.seen(as: images) : columns.unseen(as: images),
      frames: images.frames, tokenizer: tokenizer, contextLength: model.description.texts.contextLength,
      regionLimits: images.regionLimits,
      preprocessing: subject.preprocessing, clips: subject.clips,
      chunk: subject.chunk, rank: communicator.rank, ranks: communicator.size, workers: subject.workers)
    let own = loader.range.count
    let regions = MaskedRegionMeasurement(subject)
    let encoded = try EncodedSplit(
      loader, subject, model, visit: { regions?.add($0, $1) }, progress: { progress($0, own) })
    let features = EncodedFeatures(encoded)
    var report = EvaluationReport(retrieval: nil)
    if let features { (report.retrieval, report.exhibits) = try retrieval(encoded, features) }
    if images.modality == .audio { report.medium = .audio }
    if let matching = model.matching {
      let matcher = PairMatcher(matching, engine) { [cut] in cut?.isPending == true }
      report.matching = try self.matching(encoded, matcher)
      if features == nil { (report.retrieval, report.exhibits) = try matchedRetrieval(encoded, matcher) }
      if let features, subject.rerankDepth > 0 { report.reranked = try reranked(encoded, features, matcher) }
    }
    if let masked = model as? any MaskedTextModel, let head = masked.maskedTextHead {
      report.maskedText = try maskedText(encoded, masked, head)
    }
    if let regions {
      report.maskedRegions = try MaskedRegionMetrics(
        localPhotos: regions.photos, images: encoded.images.count, bootstrap: bootstrap, communicator: communicator)
    }
    return report
  }

  // MARK: Retrieval

  private func layout(_ encoded: EncodedSplit) throws -> RetrievalLayout {
    try RetrievalLayout(images: encoded.images.count, imageOfCaption: encoded.imageOfCaption)
  }

  private func retrieval(
    _ encoded: EncodedSplit, _ features: EncodedFeatures
  ) throws -> (RetrievalMetrics, [Exhibit]) {
    let layout = try layout(encoded)
    guard subject.isThorough else { return (try ranks(encoded, features, layout), []) }
    let equal = try EqualCaptions(layout, identities: encoded.captionIdentity)
    let images = try imageScores(encoded, features).withValues {
      try imageToTextPlacements(
        scores: $0, firstImage: encoded.ownImages.lowerBound, layout: layout, equal: equal)
    }
    let captions = try captionScores(encoded, features).withValues {
      try textToImagePlacements(
        scores: $0, firstCaption: encoded.ownCaptions.lowerBound, layout: layout, equal: equal)
    }
    try noteQueries(images.map(\.rank), captions.map(\.rank), layout)
    let metrics = try RetrievalMetrics(
      localImages: images, localCaptions: captions, layout: layout, bootstrap: bootstrap, communicator: communicator)
    return (
      metrics,
      try exhibits(features, layout, imageRanks: images.map(\.rank), captionRanks: captions.map(\.rank))
    )
  }

  /// All that a curve over epochs needs.
  private func ranks(
    _ encoded: EncodedSplit, _ features: EncodedFeatures, _ layout: RetrievalLayout
  ) throws -> RetrievalMetrics {
    let imageRanks = try imageScores(encoded, features).withValues {
      try imageToTextRanks(scores: $0, firstImage: encoded.ownImages.lowerBound, layout: layout)
    }
    let captionRanks = try captionScores(encoded, features).withValues {
      try textToImageRanks(scores: $0, firstCaption: encoded.ownCaptions.lowerBound, layout: layout)
    }
    return try RetrievalMetrics(
      localImageRanks: imageRanks, localCaptionRanks: captionRanks, layout: layout, bootstrap: bootstrap,
      communicator: communicator)
  }

  /// This rank's photos against all captions.
  private func imageScores(_ encoded: EncodedSplit, _ features: EncodedFeatures) -> Tensor {
    let own = Tape(engine, recording: false).gatherRows(features.images, Array(encoded.ownImages))
    return engine.similarities(own, features.texts)
  }

  /// This rank's captions against all photos.
  private func captionScores(_ encoded: EncodedSplit, _ features: EncodedFeatures) -> Tensor {
    let own = Tape(engine, recording: false).gatherRows(features.texts, Array(encoded.ownCaptions))
    return engine.similarities(own, features.images)
  }

  private func reranked(
    _ encoded: EncodedSplit, _ features: EncodedFeatures, _ matcher: PairMatcher
  ) throws -> RetrievalMetrics {
    let layout = try layout(encoded)
    let score = { (pairs: [RetrievalPair]) in
      matcher.scores(
        pairs.map { ImageTextPair(image: $0.image, text: $0.caption) }, encoded.images.encoding, encoded.texts.encoding)
    }
    let imageRanks = try imageScores(encoded, features).withValues {
      try rerankedImageToTextRanks(
        scores: $0, firstImage: encoded.ownImages.lowerBound, layout: layout, depth: subject.rerankDepth,
        matching: score)
    }
    let captionRanks = try captionScores(encoded, features).withValues {
      try rerankedTextToImageRanks(
        scores: $0, firstCaption: encoded.ownCaptions.lowerBound, layout: layout, depth: subject.rerankDepth,
        matching: score)
    }
    return try RetrievalMetrics(
      localImageRanks: imageRanks, localCaptionRanks: captionRanks, layout: layout, bootstrap: bootstrap,
      communicator: communicator)
  }

  // MARK: Matching

  /// On the pairs that the data set labels, or else on each caption with its photo and with a random other one.
  private func matching(
    _ encoded: EncodedSplit, _ matcher: PairMatcher
  ) throws -> MatchingMetrics {
    let labelled = try dataSet.labelledPairs(split: split)
    let pairs =
      labelled.isEmpty
      ? constructed(encoded, matcher) : try labelledScores(labelled, encoded, matcher)
    try cut?.check()
    try notePairs(pairs)
    return try MatchingMetrics(
      localScores: pairs.scores, localLabels: pairs.labels, localImages: pairs.images, bootstrap: bootstrap,
      communicator: communicator)
  }

  /// Scores of pairs, whether they match, and with which photo they are drawn again.
  typealias Scored = (scores: [Float], labels: [Bool], images: [Int])

  private func constructed(_ encoded: EncodedSplit, _ matcher: PairMatcher) -> Scored {
    let images = encoded.images.count
    var pairs: [ImageTextPair] = []
    var labels: [Bool] = []
    for caption in encoded.ownCaptions {
      let own = encoded.imageOfCaption[caption]
      pairs.append(ImageTextPair(image: own, text: caption))
      labels.append(true)
      var random = RandomStream(seed: 0, .evaluationPairs, UInt64(caption))
      guard images > 1 else { continue }
      pairs.append(ImageTextPair(image: (own + 1 + random.integer(below: images - 1)) % images, text: caption))
      labels.append(false)
    }
    let scores = matcher.scores(pairs, encoded.images.encoding, encoded.texts.encoding)
    return (scores, labels, pairs.map { encoded.imageOfCaption[$0.text] })
  }

  private func labelledScores(
    _ labelled: [LabelledPair], _ encoded: EncodedSplit, _ matcher: PairMatcher
  ) throws -> Scored {
    let own = labelled[share(of: labelled.count, rank: communicator.rank, ranks: communicator.size)]
    guard !own.isEmpty else { return ([], [], []) }
    var place: [String: Int] = [:]
    for (index, sample) in try dataSet.samples(split: split).enumerated() { place[sample.key] = index }
    let images = own.map { place[$0.key] ?? 0 }
    let limit = model.description.texts.contextLength
    var scores: [Float] = []
    for start in stride(from: 0, to: own.count, by: 256) {
      let part = start..<min(start + 256, own.count)
      let text = PackedText(part.map { tokenizer.encode(own[own.startIndex + $0].text, limit: limit) })
      let texts = matcher.model.textEncoder(text, .all, Tape(engine, recording: false))
      let pairs = part.map { ImageTextPair(image: images[$0], text: $0 - start) }
      scores += matcher.scores(pairs, encoded.images.encoding, texts)
    }
    return (scores, own.map(\.matches), images)
  }
}
