internal import Batching
internal import Collectives
internal import Evaluation
internal import Models
internal import Objectives
internal import TensorEngine

/// Where a model says that the phrases of a split are: each rank looks at its part, and all know the whole.
struct GroundingMeasurement {
  let subject: MeasuredModel
  let head: GroundingHead
  let dataSet: PreparedDataSet
  let split: String

  /// Phrases that are told at once.
  private static let atOnce = 64

  func callAsFunction(_ progress: (_ done: Int, _ total: Int) -> Void) throws -> GroundingMetrics {
    let loader = try subject.loader(dataSet, split: split, [.image, .boxes])
    var (overlaps, hits, images): ([Float], [Bool], [Int]) = ([], [], [])
    var all: [Box] = []
    try subject.forEachChunk(of: loader) { chunk in
      guard let boxes = chunk.columns.boxes else { return }
      let told = self.told(chunk, boxes.phrases)
      all += told
      for phrase in boxes.phrases.indicesOfImages.enumerated() {
        let right = boxes.boxes(named: phrase.offset, of: phrase.element)
        overlaps.append(right.map { $0.overlap(with: told[phrase.offset]) }.max() ?? 0)
        hits.append(right.contains { $0.holds(centreOf: told[phrase.offset]) })
        images.append(chunk.firstIndex + phrase.element)
      }
      progress(chunk.firstIndex + chunk.count - loader.range.lowerBound, loader.range.count)
    }
    if let cases = subject.cases { cases.add(try self.cases(overlaps, hits, images)) }
    let clusters = subject.isThorough ? try dataSet.clusters(ofSplit: split) : nil
    var metrics = try GroundingMetrics(
      localOverlaps: overlaps, localHits: hits, localImages: images,
      bootstrap: clusters.flatMap { ClusterBootstrap($0) }, communicator: subject.communicator)
    metrics.exhibits = try exhibits(all, overlaps, images)
    return metrics
  }

  /// What all ranks have found of each phrase.
  private func cases(_ overlaps: [Float], _ hits: [Bool], _ images: [Int]) throws -> CaseSet {
    let communicator = subject.communicator
    let overlaps = try gatherOverRanks(overlaps, communicator, "overlaps of groups")
    let hits = try gatherOverRanks(hits.map { $0 ? UInt8(1) : 0 }, communicator, "centres of groups")
    return CaseSet(
      "phrases", samples: try gatherOverRanks(images, communicator, "photos of groups"),
      [
        .init("accuracy", "right by half of both", overlaps.map { $0 >= 0.5 ? 100 : 0 }),
        .init("mean_iou", "mean overlap", overlaps.map { 100 * Double($0) }),
        .init("pointing", "centre in a right box", hits.map { $0 == 1 ? 100 : 0 }),
      ])
  }

  /// Of each of a chunk's phrases, some at a time.
  private func told(_ chunk: EvaluationChunk, _ phrases: TextBatch) -> [Box] {
    guard phrases.count > 0, let model = subject.model as? any TextModel else { return [] }
    let tape = Tape(subject.engine, recording: false)
    let range = chunk.firstIndex..<chunk.firstIndex + chunk.count
    let images = subject.encodedImages(chunk, range, .all, tape)
    let (samples, packed) = (GroundingHead.samples(phrases.counts), PackedText(phrases))
    return stride(from: 0, to: phrases.count, by: Self.atOnce).flatMap { first in
      let part = first..<min(first + Self.atOnce, phrases.count)
      let own = samples[part].map { PooledReader.Sample(image: $0.image, text: $0.text.map { $0 - first }) }
      let numbers = head.layers(
        model, images: images, texts: model.textEncoder(packed[part], .all, tape), own, tape)
      return [Box](centred: numbers.values())
    }
  }
}

extension [Box] {
  /// Of boxes by centre, width and height, four numbers each; what is outside of the image is cut off.
  init(centred numbers: some Collection<Float>) {
    let numbers = [Float](numbers)
    self = stride(from: 0, to: numbers.count, by: 4).map { first in
      let (x, y, width, height) = (numbers[first], numbers[first + 1], numbers[first + 2], numbers[first + 3])
      let edges = [x - width / 2, y - height / 2, x + width / 2, y + height / 2].map { Swift.min(1, Swift.max(0, $0)) }
      return Box(edges[0], edges[1], edges[2], edges[3])
    }
  }
}

extension Box {
  fileprivate func holds(centreOf other: Box) -> Bool {
    let (x, y) = ((other.left + other.right) / 2, (other.top + other.bottom) / 2)
    return left <= x && x <= right && top <= y && y <= bottom
  }
}

extension TextBatch {
  /// The image of each text, by its place in the batch.
  fileprivate var indicesOfImages: [Int] {
    counts.enumerated().flatMap { image, count in [Int](repeating: image, count: count) }
  }
}

extension BoxBatch {
  /// All boxes of an image that its phrase names: of things that are called alike each is right.
  fileprivate func boxes(named phrase: Int, of image: Int) -> [Box] {
    let words = { (text: Int) in Array(phrases.ids[Int(phrases.offsets[text])..<Int(phrases.offsets[text + 1])]) }
    let first = phrases.counts.prefix(image).reduce(0, +)
    return (first..<first + phrases.counts[image]).filter { words($0) == words(phrase) }.map { box in
      Box(edges[4 * box], edges[4 * box + 1], edges[4 * box + 2], edges[4 * box + 3])
    }
  }
}
