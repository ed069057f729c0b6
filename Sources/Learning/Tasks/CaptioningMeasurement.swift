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
    var written = try WrittenCaptions(subject, head, dataSet.samples(split: split))
    try subject.forEachChunk(of: loader) { chunk in
      let tape = Tape(subject.engine, recording: false)
      let range = chunk.firstIndex..<chunk.firstIndex + chunk.count
      guard let captions = chunk.columns.captions, let seen = subject.encodedImages(chunk, range, .all, tape)
      else { return }
      let images = captions.counts.enumerated().flatMap { image, count in [Int](repeating: image, count: count) }
      sums += told(seen, PackedText(captions), images, tape)
      written?.write(chunk, seen, tape)
      owners += images.map { chunk.firstIndex + $0 }
      progress(chunk.firstIndex + chunk.count - loader.range.lowerBound, loader.range.count)
    }
    let clusters = subject.isThorough ? try dataSet.clusters(ofSplit: split) : nil
    let metrics = try MaskedTextMetrics(
      localCaptions: sums,
      imageOfCaption: gatherOverRanks(owners, subject.communicator, "owners of the captions"),
      bootstrap: clusters.flatMap { ClusterBootstrap($0) }, communicator: subject.communicator)
    guard let metrics else { throw TaskError.noTokens(path: dataSet.path, split: split) }
    var report = CaptioningReport(tokens: metrics)
    guard let written else { return report }
    (report.samples, report.way) = (try written.gathered(dataSet), written.way)
    report.secondsOfWriting = try written.seconds()
    if let clusters {
      report.written = try scored(report.samples, clusters.ofImage)
      for (number, scores) in (report.written?.single ?? []).enumerated() { report.samples[number].scores = scores }
    }
    report.exhibits = report.samples.exhibits(showing: subject.shown)
    return report
  }

  private var head: CaptioningHead? { subject.head as? CaptioningHead }

  /// Captions beside what people have said.
  private func scored(_ samples: [WrittenSample], _ clusters: [Int]) throws -> CaptionMetrics {
    var images = samples.map {
      CaptionedImage(caption: $0.text.words, references: $0.references, cluster: clusters[$0.place])
    }
    if let judge = subject.judge {
      try judge.judge(&images, of: SplitPhotos(dataSet, split: split), subject.communicator)
    }
    return try CaptionMetrics(
      images, known: knownCaptions(), clipModel: subject.judge?.name, hasIntervals: true)
  }

  /// Those of the training split; nil where the set has none, or that one is measured.
  private func knownCaptions() throws -> [String]? {
    guard split != "train", dataSet.manifest.splits.contains(where: { $0.name == "train" }) else { return nil }
    return try dataSet.samples(split: "train").flatMap { try dataSet.columns([.captions], of: $0).captions }
  }

  /// Of each caption of a chunk, some at a time.
  private func told(
    _ seen: Encoding, _ captions: PackedText, _ images: [Int], _ tape: Tape
  ) -> [MaskedTextSums] {
    let context = model.context(seen, nil, tape)
    let prompt = head?.task.promptTokens(subject.tokenizer) ?? []
    let captions = captions.beginning(with: prompt, limit: model.decoder.contextLength)
    return stride(from: 0, to: captions.count, by: Self.atOnce).flatMap { first in
      let part = first..<min(first + Self.atOnce, captions.count)
      let asked = NextTokens(captions[part], start: model.decoder.bounds.start, prompt: prompt.count)
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
