internal import Batching
internal import Collectives
internal import Evaluation
internal import Models
internal import Objectives
internal import TensorEngine

/// How well a model foretells the captions of a split, and how good those are that it writes itself: each rank looks at its part, and all know
/// the whole.
struct CaptioningMeasurement {
  let subject: MeasuredModel
  let model: any TextGenerator
  let dataSet: PreparedDataSet
  let split: String

  /// Captions that are read at once.
  private static let atOnce = 32

  func callAsFunction(_ progress: (_ done: Int, _ total: Int) -> Void) throws -> CaptioningReport {
    let loader = try subject.loader(dataSet, split: split, [.image, .captions])
    var (sums, owners): ([MaskedTextSums], [Int]) = ([], [])
    let writer = subject.isThorough ? CaptioningPredictor(model.decoder, subject.tokenizer) : nil
    var written: [Float] = []
    try subject.forEachChunk(of: loader) { chunk in
      guard let captions = chunk.columns.captions else { return }
      let images = captions.counts.enumerated().flatMap { image, count in [Int](repeating: image, count: count) }
      sums += told(chunk, PackedText(captions), images)
      if let writer { written += self.written(chunk, writer) }
      owners += images.map { chunk.firstIndex + $0 }
      progress(chunk.firstIndex + chunk.count - loader.range.lowerBound, loader.range.count)
    }
    let clusters = subject.isThorough ? try dataSet.clusters(ofSplit: split) : nil
    let metrics = try MaskedTextMetrics(
      localCaptions: sums,
      imageOfCaption: gatherOverRanks(owners, subject.communicator, "owners of the captions"),
      bootstrap: clusters.flatMap { ClusterBootstrap($0) }, communicator: subject.communicator)
    guard let metrics else { throw TaskError.noTokens(path: dataSet.path, split: split) }
    guard let writer else { return CaptioningReport(tokens: metrics) }
    let all = try gatherOverRanks(written, subject.communicator, "captions that were written")
    let cut = stride(from: 0, to: all.count, by: writer.width).count { !writer.isClosed(all[$0..<$0 + writer.width]) }
    return CaptioningReport(tokens: metrics, written: try scored(all, writer), way: writer.way, cut: cut)
  }

  /// What stands for the caption that is written of each photo of a chunk.
  private func written(_ chunk: EvaluationChunk, _ writer: CaptioningPredictor) -> [Float] {
    let tape = Tape(subject.engine, recording: false)
    let range = chunk.firstIndex..<chunk.firstIndex + chunk.count
    guard let seen = subject.encodedImages(chunk, range, .all, tape) else { return [] }
    let samples = (0..<chunk.count).map { PooledReader.Sample(image: $0, text: nil) }
    return writer.numbers(subject.model, images: seen, texts: nil, samples, tape).values()
  }

  /// The captions of all ranks beside what people have said.
  private func scored(_ all: [Float], _ writer: CaptioningPredictor) throws -> CaptionMetrics {
    let clusters = try dataSet.clusters(ofSplit: split).ofImage
    let images = try dataSet.samples(split: split).enumerated().map { place, sample in
      CaptionedImage(
        caption: writer.caption(all[place * writer.width..<(place + 1) * writer.width]),
        references: try dataSet.columns([.captions], of: sample).captions, cluster: clusters[place])
    }
    return try CaptionMetrics(images, known: knownCaptions(), hasIntervals: true)
  }

  /// Those of the training split; nil where the set has none, or that one is measured.
  private func knownCaptions() throws -> [String]? {
    guard split != "train", dataSet.manifest.splits.contains(where: { $0.name == "train" }) else { return nil }
    return try dataSet.samples(split: "train").flatMap { try dataSet.columns([.captions], of: $0).captions }
  }

  /// Of each caption of a chunk, some at a time.
  private func told(_ chunk: EvaluationChunk, _ captions: PackedText, _ images: [Int]) -> [MaskedTextSums] {
    let tape = Tape(subject.engine, recording: false)
    let range = chunk.firstIndex..<chunk.firstIndex + chunk.count
    guard let seen = subject.encodedImages(chunk, range, .all, tape) else { return [] }
    let context = model.context(seen, nil, tape)
    return stride(from: 0, to: captions.count, by: Self.atOnce).flatMap { first in
      let part = first..<min(first + Self.atOnce, captions.count)
      let asked = NextTokens(captions[part], start: model.decoder.bounds.start)
      let logits = model.decoder.logits(of: asked, context, contextOfText: Array(images[part]), tape)
      return sums(asked, logits)
    }
  }

  private func sums(_ asked: NextTokens, _ logits: Tensor) -> [MaskedTextSums] {
    let normalizers = subject.engine.logSumExps(logits)
    var next = 0
    return logits.withValues { values in
      asked.counts.map { count in
        var (right, costs) = (0, 0.0)
        for row in next..<next + count {
          let own = values[row * logits.columns + Int(asked.targets[row])]
          costs += Double(normalizers[row]) - Double(own)
          right += values[row * logits.columns..<(row + 1) * logits.columns].contains { $0 > own } ? 0 : 1
        }
        next += count
        return MaskedTextSums(tokens: count, right: right, costs: costs)
      }
    }
  }
}
