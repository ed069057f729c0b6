internal import Batching
internal import Collectives
internal import Evaluation
internal import Models
internal import Objectives
internal import TensorEngine

/// What a model of image and text says of a split as it is, and where image or text are taken from it or are another sample's.
///
/// Each rank encodes the whole split once, joins its share of what is asked, and all know the whole.
struct FusionMeasurement {
  private let subject: MeasuredModel
  private let head: ClassificationHead
  private let own: ClassPredictions
  private let images: Encoding
  private let texts: Encoding
  private let isThere: [Bool]
  private let clusters: ImageClusters

  /// Nil where the task does not look at both.
  /// - Parameter own: what the model says of the split as it is.
  init?(_ subject: MeasuredModel, _ head: ClassificationHead, _ own: ClassPredictions, _ loader: EvaluationLoader)
    throws
  {
    guard head.layers.reader.modalities.count == 2 else { return nil }
    (self.subject, self.head, self.own) = (subject, head, own)
    clusters = ImageClusters(own.clusters)
    var (images, texts, isThere) = (EncodingParts(), EncodingParts(), [Bool]())
    while let chunk = try loader.next() {
      let tape = Tape(subject.engine, recording: false)
      let range = chunk.firstIndex..<chunk.firstIndex + chunk.count
      guard
        let image = subject.encodedImages(chunk, range, head.layers.reader.tokens, tape),
        let (text, isGiven) = head.encodedTexts(chunk, subject.model, tape)
      else { return nil }
      images.append(image, nil, true)
      texts.append(text, nil, true)
      isThere += isGiven
    }
    self.images = try images.gathered("image", subject.engine, SoloCommunicator()).encoding
    self.texts = try texts.gathered("text", subject.engine, SoloCommunicator()).encoding
    self.isThere = isThere
  }

  static let draws = 5

  func callAsFunction() throws -> FusionScores {
    let everyone = Array(0..<own.count)
    let all = (0..<Self.draws).map { Derangement(clusters, draw: $0).others }
    guard all.allSatisfy({ !$0.contains(nil) }) else { throw EvaluationError.empty(what: "other samples to be shown") }
    let others = all.map { $0.compactMap(\.self) }
    // Of the classes of what is true together, so that where several may be a class is a set of them.
    let kinds = Dictionary(own.targets.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    let classes = own.targets.map { kinds[$0] ?? 0 }
    let alike = (0..<Self.draws).map { Derangement(clusters, within: classes, draw: $0).others }
    let nothing = try predictions(others[0], others[1])
    var scores = FusionScores(
      modalities: ["image", "text"],
      present: [nothing, try predictions(everyone, others[1]), try predictions(others[0], everyone), own],
      absence: "that of another sample")
    scores.permuted = [
      try others.map { try predictions($0, everyone) }, try others.map { try predictions(everyone, $0) },
    ]
    let within = alike.map { zip($0, everyone).map { $0 ?? $1 } }
    scores.permutedWithinClass = [
      try within.map { try predictions($0, everyone) }, try within.map { try predictions(everyone, $0) },
    ]
    scores.withoutOther = alike[0].map { $0 == nil }
    scores.additive = try additive()
    return scores
  }

  /// What is said of each sample with these images and texts in the place of its own.
  private func predictions(_ images: [Int], _ texts: [Int]) throws -> ClassPredictions {
    var made = own
    made.logits = try logits(zip(images, texts).map { ($0, $1) })
    return made
  }

  /// Of the first labelled samples, each image with each text: as many as keep within the limit of pairs.
  private func additive() throws -> ClassPredictions? {
    let known = own.targets.indices.filter { own.isSeveral || !own.targets[$0].isEmpty }
    let count = min(known.count, AdditiveProjection.mostSamples, Int(Double(subject.matchedPairs).squareRoot()))
    guard count > 1 else { return nil }
    let first = Array(known.prefix(count))
    let pairs = try logits(first.flatMap { image in first.map { (image, $0) } })
    var made = own.selecting(first)
    made.logits = try AdditiveProjection.project(pairs, samples: count, classes: own.classes.count)
    return made
  }

  /// [pairs, A]; each rank joins its share, so many at a time. Collective.
  private func logits(_ pairs: [(image: Int, text: Int)]) throws -> [Float] {
    let communicator = subject.communicator
    let share = pairs[share(of: pairs.count, rank: communicator.rank, ranks: communicator.size)]
    var logits: [Float] = []
    for start in stride(from: share.startIndex, to: share.endIndex, by: 64) {
      let part = share[start..<min(start + 64, share.endIndex)]
      let samples = part.map { PooledReader.Sample(image: $0.image, text: isThere[$0.text] ? $0.text : nil) }
      logits += head.layers(
        subject.model, images: images, texts: texts, samples, Tape(subject.engine, recording: false)
      ).values()
    }
    return try gatherOverRanks(logits, communicator, "logits of samples with others' images and texts")
  }
}

extension ClassificationHead {
  /// The text of each sample of a chunk, and whether it has one.
  fileprivate func encodedTexts(
    _ chunk: EvaluationChunk, _ model: any Model, _ tape: Tape
  ) -> (Encoding, [Bool])? {
    let column = task.inputs.first { $0 != .image }
    let own: TextBatch? = if case .text(let name) = column { chunk.columns.texts[name] } else { chunk.columns.captions }
    guard let own, let model = model as? any TextModel else { return nil }
    let texts = SampleTexts(firstOf: own)
    return (model.textEncoder(texts.packed, layers.reader.tokens, tape), texts.isThere)
  }
}
