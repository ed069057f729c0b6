internal import Batching
internal import Collectives
internal import Evaluation
internal import Images
internal import Layers
internal import Models
internal import Randomness
internal import TensorEngine
internal import Tokenization

/// Measures a model on a split: retrieval both ways, matching, and retrieval with the best candidates put in the order
/// of the matching head. The work is shared by the ranks; the result is the same on any number of them.
struct ModelEvaluator {
  let model: ImageTextModel
  let tokenizer: any Tokenizer
  let preprocessing: Preprocessing
  let engine: Engine
  let communicator: any Communicator
  /// Threads that decode photos.
  var workers = 1
  /// How many of the best candidates the matching head puts in order; 0 leaves the towers' order.
  var rerankDepth = 0
  /// Photos encoded at once.
  var chunk = 32
  /// May end the measuring before its end, where that is wanted.
  var cut: EvaluationCut?

  func callAsFunction(
    _ dataSet: PreparedDataSet, split: String, progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) throws -> EvaluationReport {
    let loader = try EvaluationLoader(
      dataSet: dataSet, split: split, tokenizer: tokenizer,
      contextLength: model.description.text.contextLength, preprocessing: preprocessing, chunk: chunk,
      rank: communicator.rank, ranks: communicator.size, workers: workers)
    let own = loader.range.count
    let encoded = try EncodedSplit(loader, model, engine, communicator, cut: cut) { progress($0, own) }
    var report = EvaluationReport(retrieval: try retrieval(encoded))
    if let fusion = model.fusion {
      let matcher = PairMatcher(fusion: fusion, engine: engine, cut: cut)
      report.matching = try matching(encoded, dataSet, split, matcher)
      if rerankDepth > 0 { report.reranked = try reranked(encoded, matcher) }
    }
    return report
  }

  // MARK: Retrieval

  private func layout(_ encoded: EncodedSplit) throws -> RetrievalLayout {
    try RetrievalLayout(images: encoded.images.features.rows, imageOfCaption: encoded.imageOfCaption)
  }

  private func retrieval(_ encoded: EncodedSplit) throws -> RetrievalMetrics {
    let layout = try layout(encoded)
    let imageRanks = try imageScores(encoded).withValues {
      try imageToTextRanks(scores: $0, firstImage: encoded.ownImages.lowerBound, layout: layout)
    }
    let captionRanks = try captionScores(encoded).withValues {
      try textToImageRanks(scores: $0, firstCaption: encoded.ownCaptions.lowerBound, layout: layout)
    }
    return try RetrievalMetrics(
      localImageRanks: imageRanks, localCaptionRanks: captionRanks, layout: layout, communicator: communicator)
  }

  /// This rank's photos against all captions.
  private func imageScores(_ encoded: EncodedSplit) -> Tensor {
    let own = Tape(engine, recording: false).gatherRows(encoded.images.features, Array(encoded.ownImages))
    return engine.similarities(own, encoded.texts.features)
  }

  /// This rank's captions against all photos.
  private func captionScores(_ encoded: EncodedSplit) -> Tensor {
    let own = Tape(engine, recording: false).gatherRows(encoded.texts.features, Array(encoded.ownCaptions))
    return engine.similarities(own, encoded.images.features)
  }

  private func reranked(_ encoded: EncodedSplit, _ matcher: PairMatcher) throws -> RetrievalMetrics {
    let layout = try layout(encoded)
    let score = { (pairs: [RetrievalPair]) in
      matcher.scores(pairs.map { ImageTextPair(image: $0.image, text: $0.caption) }, encoded.images, encoded.texts)
    }
    let imageRanks = try imageScores(encoded).withValues {
      try rerankedImageToTextRanks(
        scores: $0, firstImage: encoded.ownImages.lowerBound, layout: layout, depth: rerankDepth, matching: score)
    }
    let captionRanks = try captionScores(encoded).withValues {
      try rerankedTextToImageRanks(
        scores: $0, firstCaption: encoded.ownCaptions.lowerBound, layout: layout, depth: rerankDepth, matching: score)
    }
    return try RetrievalMetrics(
      localImageRanks: imageRanks, localCaptionRanks: captionRanks, layout: layout, communicator: communicator)
  }

  // MARK: Matching

  /// On the pairs that the data set labels, or else on each caption with its photo and with a random other one.
  private func matching(
    _ encoded: EncodedSplit, _ dataSet: PreparedDataSet, _ split: String, _ matcher: PairMatcher
  ) throws -> MatchingMetrics {
    let labelled = try dataSet.labelledPairs(split: split)
    let (scores, labels) =
      labelled.isEmpty
      ? constructed(encoded, matcher) : try labelledScores(labelled, encoded, dataSet, split, matcher)
    try cut?.check()
    return try MatchingMetrics(localScores: scores, localLabels: labels, communicator: communicator)
  }

  private func constructed(_ encoded: EncodedSplit, _ matcher: PairMatcher) -> (scores: [Float], labels: [Bool]) {
    let images = encoded.images.features.rows
    var pairs: [ImageTextPair] = []
    var labels: [Bool] = []
    for caption in encoded.ownCaptions {
      let own = encoded.imageOfCaption[caption]
      pairs.append(ImageTextPair(image: own, text: caption))
      labels.append(true)
      var random = RandomStream(seed: 0, 9, UInt64(caption))
      guard images > 1 else { continue }
      pairs.append(ImageTextPair(image: (own + 1 + random.integer(below: images - 1)) % images, text: caption))
      labels.append(false)
    }
    return (matcher.scores(pairs, encoded.images, encoded.texts), labels)
  }

  private func labelledScores(
    _ labelled: [LabelledPair], _ encoded: EncodedSplit, _ dataSet: PreparedDataSet, _ split: String,
    _ matcher: PairMatcher
  ) throws -> (scores: [Float], labels: [Bool]) {
    let own = labelled[share(of: labelled.count, rank: communicator.rank, ranks: communicator.size)]
    guard !own.isEmpty else { return ([], []) }
    var place: [String: Int] = [:]
    for (index, sample) in try dataSet.samples(split: split).enumerated() { place[sample.key] = index }
    let limit = model.description.text.contextLength
    var scores: [Float] = []
    for start in stride(from: own.startIndex, to: own.endIndex, by: 256) {
      let part = own[start..<min(start + 256, own.endIndex)]
      let ids = part.map { tokenizer.encode($0.text, limit: limit) }
      let text = PackedText(
        ids: ids.flatMap { $0 }, offsets: ids.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) })
      let texts = model.towers.encode(text: text, Tape(engine, recording: false))
      let pairs = part.enumerated().map { ImageTextPair(image: place[$1.key] ?? 0, text: $0) }
      scores += matcher.scores(pairs, encoded.images, texts)
    }
    return (scores, own.map(\.matches))
  }
}

/// Scores pairs by the matching head, a bounded number at a time.
struct PairMatcher {
  let fusion: CrossAttentionModel
  let engine: Engine
  /// What was begun is not finished where it says so; its result is then worth nothing.
  let cut: EvaluationCut?
  private let chunk = 128

  /// For each pair how much more likely a match is than none: the difference of the two logits.
  func scores(_ pairs: [ImageTextPair], _ images: Encoding, _ texts: Encoding) -> [Float] {
    stride(from: 0, to: pairs.count, by: chunk).flatMap { start in
      cut?.isPending == true
        ? [] : scoresAtOnce(Array(pairs[start..<min(start + chunk, pairs.count)]), images, texts)
    }
  }

  private func scoresAtOnce(_ pairs: [ImageTextPair], _ images: Encoding, _ texts: Encoding) -> [Float] {
    let tape = Tape(engine, recording: false)
    let (usedImages, imagePlaces) = compact(pairs.map(\.image))
    let (usedTexts, textPlaces) = compact(pairs.map(\.text))
    let logits = fusion.match(
      images: images.selecting(usedImages, tape), texts: texts.selecting(usedTexts, tape),
      zip(imagePlaces, textPlaces).map { ImageTextPair(image: $0, text: $1) }, tape
    ).values()
    return pairs.indices.map { logits[2 * $0 + 1] - logits[2 * $0] }
  }

  /// The different segments in ascending order, and for each use its place among them.
  private func compact(_ segments: [Int]) -> (used: [Int], places: [Int]) {
    let used = Set(segments).sorted()
    var place: [Int: Int] = [:]
    for (index, segment) in used.enumerated() { place[segment] = index }
    return (used, segments.map { place[$0] ?? 0 })
  }
}
