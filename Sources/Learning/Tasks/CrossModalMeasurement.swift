public import Batching
internal import Collectives
public import Evaluation
internal import Models
internal import Objectives
internal import TensorEngine
internal import Tokenization

/// How far what a model knows of images holds for texts, by its features in one space or its matching head: of each photo and its first
/// caption. Each rank looks at its part, and all know the whole.
struct CrossModalMeasurement {
  let subject: MeasuredModel
  let dataSet: PreparedDataSet
  /// Where probes learn.
  let trainingSplit: String

  /// Collective.
  func callAsFunction(split: String) throws -> CrossModalMetrics {
    var metrics = CrossModalMetrics()
    metrics.unsaid.append("agreement, which is part of what --fusion says of a model of classes or answers")
    let records = try dataSet.samples(split: split).map { try dataSet.record($0) }
    guard records.contains(where: { !$0.captions.isEmpty }) else {
      metrics.unsaid.append("retrieval, transfer and foils, as no photo of \(split) has a caption")
      return metrics
    }
    let foils = Foils(records.map(\.captions.first))
    let told = try told(split: split, foils: records.indices.map { foils.foil(of: $0, besides: records[$0].captions) })
    addRetrieval(to: &metrics, told, records)
    try addTransfer(to: &metrics, told, records, split: split)
    addFoils(to: &metrics, told)
    return metrics
  }

  private func addRetrieval(to metrics: inout CrossModalMetrics, _ told: Told, _ records: [SampleRecord]) {
    guard let images = told.images, let texts = told.texts else {
      metrics.unsaid.append("retrieval, as the model has no features; evaluate tells it by the matching head")
      return
    }
    let known = told.known
    metrics.addRetrieval(
      images: known.map { images[$0] }, texts: known.map { texts[$0] }, words: known.map { records[$0].captions[0] },
      clusters: known.map { told.clusters[$0] }, hasIntervals: subject.isThorough)
  }

  /// Classes are those of the data's only label.
  private func addTransfer(
    to metrics: inout CrossModalMetrics, _ told: Told, _ records: [SampleRecord], split: String
  ) throws {
    let labels = Set(records.flatMap(\.columns.labels.keys)).sorted()
    guard told.images != nil, labels.count == 1, split != trainingSplit,
      dataSet.manifest.splits.contains(where: { $0.name == trainingSplit })
    else {
      let reason =
        told.images == nil
        ? "the model has no features"
        : labels.count == 1
          ? "there is no other split to train a probe on" : "the data have not one label, but \(labels.count)"
      metrics.unsaid.append("transfer, as " + reason)
      return
    }
    let seen = try dataSet.samples(split: trainingSplit).map { try dataSet.record($0) }
    let names = Set(seen.compactMap { $0.columns.labels[labels[0]]?.first }).sorted()
    let learnt = try self.told(split: trainingSplit, foils: seen.map { _ in nil })
    guard let from = learnt.features(seen, labels[0], names), let to = told.features(records, labels[0], names),
      names.count > 1
    else {
      metrics.unsaid.append("transfer, as too few samples have both a caption and a class")
      return
    }
    try metrics.addTransfer(from: from, to: to, classes: names.count, hasIntervals: subject.isThorough)
  }

  private func addFoils(to metrics: inout CrossModalMetrics, _ told: Told) {
    let asked = told.matching.indices.filter { told.matching[$0] != nil }
    guard !asked.isEmpty else {
      metrics.unsaid.append(
        told.images == nil && !told.hasMatching
          ? "foils, as the model has neither features nor a matching head"
          : "foils, as no caption has a word that another one has in its place")
      return
    }
    metrics.addFoils(
      asked.compactMap { told.matching[$0] }, clusters: asked.map { told.clusters[$0] },
      hasIntervals: subject.isThorough)
  }

  // MARK: What the model tells

  /// Of each sample of a split; features nil where the model has none.
  private struct Told {
    var images: [[Double]]?
    var texts: [[Double]]?
    /// Whether it has a caption.
    var isThere: [Bool]
    var clusters: [Int]
    /// The scores of its caption and of the foil; nil without.
    var matching: [(own: Float, foil: Float)?]
    var hasMatching: Bool

    var known: [Int] { isThere.indices.filter { isThere[$0] } }

    /// Of those with a caption and a class; nil without any.
    func features(_ records: [SampleRecord], _ label: String, _ names: [String]) -> CrossModalMetrics.Features? {
      let classes = records.map { $0.columns.labels[label]?.first.flatMap { names.firstIndex(of: $0) } }
      let asked = known.filter { classes[$0] != nil }
      guard let images, let texts, !asked.isEmpty else { return nil }
      return CrossModalMetrics.Features(
        images: asked.map { images[$0] }, texts: asked.map { texts[$0] }, targets: asked.compactMap { classes[$0] },
        clusters: asked.map { clusters[$0] })
    }
  }

  private func told(split: String, foils: [String?]) throws -> Told {
    let model = subject.model
    let loader = try subject.loader(dataSet, split: split, [.image, .captions])
    let (features, matcher) = (
      model as? any FeatureModel, (model as? any MatchingModel).flatMap { $0.hasMatchingHead ? $0 : nil }
    )
    let tokens: EncodedTokens = features == nil ? .all : .pooled
    var (images, texts, scores, isThere): ([Float], [Float], [Float], [Bool]) = ([], [], [], [])
    try subject.forEachChunk(of: loader) { chunk in
      let tape = Tape(subject.engine, recording: false)
      guard let captions = chunk.columns.captions, let reader = model as? any TextModel,
        let seen = subject.encodedImages(chunk, chunk.firstIndex..<chunk.firstIndex + chunk.count, tokens, tape)
      else { return }
      let own = SampleTexts(firstOf: captions)
      let wrong = PackedText(
        (0..<chunk.count).map {
          subject.tokenizer.encode(foils[chunk.firstIndex + $0] ?? "", limit: model.description.texts.contextLength)
        })
      let read = [own.packed, wrong].map { reader.textEncoder($0, tokens, tape) }
      isThere += own.isThere
      if let features {
        let image = features.imageFeatures(seen, tape)
        let both = read.map { features.textFeatures($0, tape) }
        (images, texts) = (images + image.values(), texts + both[0].values())
        scores += products(image, both[0], both[1])
      } else if let matcher {
        let pairs = (0..<chunk.count).map { ImageTextPair(image: $0, text: $0) }
        let logits = read.map { matcher.match(matcher.join(seen, $0, pairs, tape), tape).values() }
        scores += (0..<chunk.count).flatMap { place in logits.map { $0[2 * place + 1] - $0[2 * place] } }
      }
    }
    let communicator = subject.communicator
    let there = try gatherOverRanks(isThere, communicator, "captions that are there")
    let all = try gatherOverRanks(scores, communicator, "scores of captions and foils")
    return Told(
      images: features == nil ? nil : rows(try gatherOverRanks(images, communicator, "image features"), there.count),
      texts: features == nil ? nil : rows(try gatherOverRanks(texts, communicator, "text features"), there.count),
      isThere: there, clusters: try subject.clusters(of: dataSet, split: split),
      matching: there.indices.map {
        there[$0] && foils[$0] != nil && !all.isEmpty ? (all[2 * $0], all[2 * $0 + 1]) : nil
      },
      hasMatching: matcher != nil)
  }
}

/// The products of each row with the same one of two others, side by side.
private func products(_ rows: Tensor, _ first: Tensor, _ second: Tensor) -> [Float] {
  let (values, others, width) = (rows.values(), [first.values(), second.values()], rows.columns)
  return (0..<rows.rows).flatMap { row in
    others.map { other in (row * width..<(row + 1) * width).reduce(0) { $0 + values[$1] * other[$1] } }
  }
}

private func rows(_ values: [Float], _ count: Int) -> [[Double]] {
  let width = values.count / max(count, 1)
  return (0..<count).map { row in values[row * width..<(row + 1) * width].map { Double($0) } }
}

extension MeasuredModel {
  /// The four cross-modal accuracies, as far as the model and the data have them. Collective.
  /// - Parameter trainingSplit: where probes learn.
  public func crossModal(
    on dataSet: PreparedDataSet, split: String, trainingSplit: String = "train"
  ) throws -> CrossModalMetrics {
    try CrossModalMeasurement(subject: self, dataSet: dataSet, trainingSplit: trainingSplit)(split: split)
  }
}
