internal import Batching
internal import Collectives
internal import Evaluation
internal import Models
internal import Objectives
internal import TensorEngine

/// How well a model foretells the captions of a split: each rank reads its part, and all know the whole.
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
    try subject.forEachChunk(of: loader) { chunk in
      guard let captions = chunk.columns.captions else { return }
      let images = captions.counts.enumerated().flatMap { image, count in [Int](repeating: image, count: count) }
      sums += told(chunk, PackedText(captions), images)
      owners += images.map { chunk.firstIndex + $0 }
      progress(chunk.firstIndex + chunk.count - loader.range.lowerBound, loader.range.count)
    }
    let clusters = subject.isThorough ? try dataSet.clusters(ofSplit: split) : nil
    let metrics = try MaskedTextMetrics(
      localCaptions: sums,
      imageOfCaption: gatherOverRanks(owners, subject.communicator, "owners of the captions"),
      bootstrap: clusters.flatMap { ClusterBootstrap($0) }, communicator: subject.communicator)
    guard let metrics else { throw TaskError.noTokens(path: dataSet.path, split: split) }
    return CaptioningReport(tokens: metrics)
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
