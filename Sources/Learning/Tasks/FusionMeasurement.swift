internal import Batching
internal import Collectives
internal import Evaluation
internal import Models
internal import Objectives
internal import TensorEngine
internal import Tokenization

/// What a model of image and text says of a split as it is, and where image or text are taken from it, are another sample's, or are
/// changed in a way that should not matter.
///
/// Each rank encodes its share of the split once and joins its share of what is asked; all know the whole.
struct FusionMeasurement {
  private let subject: MeasuredModel
  private let fused: any FusedTask
  private let images: Encoding
  private let texts: Encoding
  /// With the image mirrored; nil where the model looks at no pixels.
  private let mirrored: [[Int]]?
  private let progress: (_ done: Int, _ total: Int) -> Void
  private var joined = 0

  static let draws = 5
  /// Samples that are joined at once.
  private static let atOnce = 64

  /// Nil where the task does not look at both. Collective.
  init?(
    _ subject: MeasuredModel, _ fused: any FusedTask, _ dataSet: PreparedDataSet, split: String,
    progress: @escaping (_ done: Int, _ total: Int) -> Void
  ) throws {
    guard fused.reader.modalities.count == 2, let model = subject.model as? any ImageModel else { return nil }
    (self.subject, self.fused, self.progress) = (subject, fused, progress)
    var (images, texts, mirrored) = (EncodingParts(), EncodingParts(), [[Int]]())
    var seesPixels = true
    let loader = try subject.loader(dataSet, split: split, fused.columns)
    try subject.forEachChunk(of: loader) { chunk in
      let tape = Tape(subject.engine, recording: false)
      let seen = subject.engine.images(chunk.columns, subject.model.description.images)
      images.append(model.imageEncoder(seen, fused.reader.tokens, tape), nil, true)
      let samples = fused.samples(of: chunk)
      guard !samples.isEmpty, let text = fused.encoded(fused.texts(chunk), subject.model, tape) else { return }
      texts.append(text, nil, true)
      guard let other = seen.mirrored(subject.engine) else {
        seesPixels = false
        return
      }
      let encoded = model.imageEncoder(other, fused.reader.tokens, tape)
      for start in stride(from: 0, to: samples.count, by: Self.atOnce) {
        let part = samples.enumerated().dropFirst(start).prefix(Self.atOnce).map { place, sample in
          PooledReader.Sample(
            image: fused.imageOfSample[sample] - chunk.firstIndex, text: fused.words[sample] == nil ? nil : place)
        }
        mirrored += rows(fused.logits(subject.model, images: encoded, texts: text, part, tape)).map(fused.said)
      }
    }
    let communicator = subject.communicator
    self.images = try images.gathered("image", subject.engine, communicator).encoding
    self.texts = try texts.gathered("text", subject.engine, communicator).encoding
    seesPixels = try !communicator.any(!seesPixels, "images without pixels")
    let all = try gatherListsOverRanks(mirrored, communicator, "what is said of mirrored images")
    self.mirrored = seesPixels ? all : nil
  }

  /// - Parameter rewordings: texts that say the same as others; nil where nobody names any.
  mutating func callAsFunction(_ rewordings: Rewordings?) throws -> FusionScores {
    let everyone = Array(0..<fused.count)
    let clusters = ImageClusters(fused.clusters)
    let all = (0..<Self.draws).map { Derangement(clusters, draw: $0).others }
    guard all.allSatisfy({ !$0.contains(nil) }) else { throw EvaluationError.empty(what: "other samples to be shown") }
    let others = all.map { $0.compactMap(\.self) }
    let alike = (0..<Self.draws).map { Derangement(clusters, within: fused.kinds, draw: $0).others }
    let full = try judged(everyone, everyone)
    let nothing = try judged(others[0], others[1])
    var scores = FusionScores(
      modalities: ["image", "text"],
      present: [nothing, try judged(everyone, others[1]), try judged(others[0], everyone), full],
      absence: "that of another sample", clusters: fused.clusters)
    scores.permuted = [
      try others.map { try judged($0, everyone) }, try others.map { try judged(everyone, $0) },
    ]
    let within = alike.map { zip($0, everyone).map { $0 ?? $1 } }
    scores.permutedWithinClass = [
      try within.map { try judged($0, everyone) }, try within.map { try judged(everyone, $0) },
    ]
    scores.withoutOther = alike[0].map { $0 == nil }
    scores.additive = try additive()
    try addChanges(to: &scores, rewordings)
    scores.joined = joined
    return scores
  }

  // MARK: What should change nothing

  private mutating func addChanges(to scores: inout FusionScores, _ rewordings: Rewordings?) throws {
    let said = scores.full.said
    if let mirrored {
      joined += mirrored.count
      let same = zip(mirrored, said).map { $0 == $1 ? 100.0 : 0 }
      scores.changed.append(AnswersUnderChange(name: "image mirrored", same: same))
    } else {
      scores.unsaid.append("consistency under a mirrored image, as the model looks at regions and at no pixels")
    }
    guard let rewordings else {
      scores.unsaid.append(
        "consistency under other words, as nobody says which texts mean the same (--rewordings FILE)")
      return
    }
    if let same = try reworded(rewordings, said) {
      scores.changed.append(AnswersUnderChange(name: "other words", same: same))
    } else {
      scores.unsaid.append("consistency under other words, as no text of the split is among those of --rewordings")
    }
  }

  /// In percent of the other wordings of each sample; nil where no sample has any.
  private mutating func reworded(_ rewordings: Rewordings, _ said: [[Int]]) throws -> [Double?]? {
    let asked = fused.words.enumerated().flatMap { sample, words in
      rewordings.others(of: words ?? "").map { (sample: sample, words: $0) }
    }
    guard !asked.isEmpty else { return nil }
    let (subject, fused, images) = (subject, fused, images)
    let limit = subject.model.description.texts.contextLength
    let answers = try ask(asked.count, "what is said of other words") { range, tape in
      let texts = PackedText(asked[range].map { subject.tokenizer.encode($0.words, limit: limit) })
      guard let encoded = fused.encoded(texts, subject.model, tape) else {
        preconditionFailure("a model without texts")
      }
      let samples = asked[range].enumerated().map { place, asked in
        PooledReader.Sample(image: fused.imageOfSample[asked.sample], text: place)
      }
      return fused.logits(subject.model, images: images, texts: encoded, samples, tape)
    }
    var counts = [(asked: Double, same: Double)](repeating: (0, 0), count: fused.count)
    for (asked, answer) in zip(asked, answers) {
      counts[asked.sample].asked += 1
      if answer == said[asked.sample] { counts[asked.sample].same += 1 }
    }
    return counts.map { $0.asked > 0 ? 100 * $0.same / $0.asked : nil }
  }

  // MARK: Any image with any text

  /// What is said of each sample with these samples' images and texts in the place of its own.
  private mutating func judged(_ images: [Int], _ texts: [Int]) throws -> JudgedSplit {
    let said = try ask(images.count, "what is said with others' images and texts") { [self] range, tape in
      logits(range.map { sample(image: images[$0], text: texts[$0]) }, tape)
    }
    return fused.judged(said)
  }

  /// Of some labelled samples, each image with each text: as many as keep within the limit of pairs.
  private mutating func additive() throws -> (samples: [Int], judged: JudgedSplit)? {
    let known = (0..<fused.count).filter { fused.percent([], of: $0) != nil }
    let count = min(known.count, AdditiveProjection.mostSamples, Int(Double(subject.matchedPairs).squareRoot()))
    guard count > 1 else { return nil }
    let drawn = AdditiveProjection.drawn(count, of: known)
    var projection = AdditiveProjection(samples: count, classes: fused.width)
    let (communicator, pairs) = (subject.communicator, count * count)
    let share = share(of: pairs, rank: communicator.rank, ranks: communicator.size)
    for start in stride(from: share.lowerBound, to: share.upperBound, by: Self.atOnce) {
      let part = start..<min(start + Self.atOnce, share.upperBound)
      let samples = part.map { sample(image: drawn[$0 / count], text: drawn[$0 % count]) }
      let logits = rows(logits(samples, Tape(subject.engine, recording: false)))
      for (pair, logits) in zip(part, logits) { projection.add(logits, first: pair / count, second: pair % count) }
      progress(joined + part.upperBound - share.lowerBound, joined + share.count)
    }
    joined += pairs
    try projection.firsts.withUnsafeMutableBufferPointer { try communicator.allReduce($0, .sum, "sums over texts") }
    try projection.seconds.withUnsafeMutableBufferPointer { try communicator.allReduce($0, .sum, "sums over images") }
    let logits = projection.logits
    let said = (0..<count).map { fused.said(logits[$0 * fused.width..<($0 + 1) * fused.width]) }
    return (drawn, JudgedSplit(said: said, percent: zip(said, drawn).map { fused.percent($0, of: $1) }))
  }

  private func sample(image: Int, text: Int) -> PooledReader.Sample {
    PooledReader.Sample(image: fused.imageOfSample[image], text: fused.words[text] == nil ? nil : text)
  }

  private func logits(_ samples: [PooledReader.Sample], _ tape: Tape) -> Tensor {
    fused.logits(subject.model, images: images, texts: texts, samples, tape)
  }

  /// What is said of so many things that are asked; each rank asks its share, so many at a time. Collective.
  private mutating func ask(
    _ count: Int, _ label: String, _ logits: (Range<Int>, Tape) -> Tensor
  ) throws -> [[Int]] {
    let communicator = subject.communicator
    let share = share(of: count, rank: communicator.rank, ranks: communicator.size)
    var said: [[Int]] = []
    for start in stride(from: share.lowerBound, to: share.upperBound, by: Self.atOnce) {
      let part = start..<min(start + Self.atOnce, share.upperBound)
      said += rows(logits(part, Tape(subject.engine, recording: false))).map(fused.said)
      progress(joined + said.count, joined + share.count)
    }
    joined += count
    return try gatherListsOverRanks(said, communicator, label)
  }
}

extension FusedTask {
  /// The samples of a chunk's photos.
  fileprivate func samples(of chunk: EvaluationChunk) -> [Int] {
    let photos = chunk.firstIndex..<chunk.firstIndex + chunk.count
    return imageOfSample.indices.filter { photos.contains(imageOfSample[$0]) }
  }
}
