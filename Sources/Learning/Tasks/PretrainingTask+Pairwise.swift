internal import Batching
internal import Collectives
internal import Evaluation
internal import Models
internal import Objectives
internal import TensorEngine

/// How well each two of three modalities find each other, by features, among the samples of a split that have both.
struct PairwiseRetrieval {
  let subject: MeasuredModel
  let model: any PairwiseFeatureModel
  let dataSet: PreparedDataSet
  let split: String

  /// The features of a modality [n, D], and the sample of each: of captions a sample may have several.
  private struct Side {
    var values: [Float] = []
    var owners: [Int] = []
  }

  func callAsFunction(_ progress: (_ done: Int, _ total: Int) -> Void) throws -> EvaluationReport {
    var own = Modality.allCases.map { _ in Side() }
    let loader = try subject.loader(dataSet, split: split, [.image, .captions, .audio], photosMayBeAbsent: true)
    var done = 0
    try subject.forEachChunk(of: loader) { chunk in
      let tape = Tape(subject.engine, recording: false)
      for (place, modality) in Modality.allCases.enumerated() {
        guard let (encoding, owners) = encoded(modality, chunk, tape) else { continue }
        own[place].values += model.features(encoding, of: modality, tape).values()
        own[place].owners += owners
      }
      done += chunk.count
      progress(done, loader.range.count)
    }
    let all = try zip(Modality.allCases, own).map { modality, side in
      Side(
        values: try gatherOverRanks(side.values, subject.communicator, "\(modality.rawValue) features of the split"),
        owners: try gatherOverRanks(side.owners, subject.communicator, "samples of the \(modality.rawValue) features"))
    }
    let clusters = subject.isThorough ? try dataSet.clusters(ofSplit: split) : nil
    var report = EvaluationReport(retrieval: nil)
    report.pairs = try ModalityPair.all.compactMap { pair in
      try retrieval(pair, all[places[pair.first] ?? 0], all[places[pair.second] ?? 0], clusters)
    }
    return report
  }

  private var places: [Modality: Int] {
    Dictionary(uniqueKeysWithValues: Modality.allCases.enumerated().map { ($1, $0) })
  }

  /// What of a chunk has a modality, and of which samples it is; nil where none has it.
  private func encoded(
    _ modality: Modality, _ chunk: EvaluationChunk, _ tape: Tape
  ) -> (encoding: Encoding, owners: [Int])? {
    let columns = chunk.columns
    func owners(_ places: [Int?]) -> [Int] { places.indices.filter { places[$0] != nil }.map { chunk.firstIndex + $0 } }
    switch modality {
    case .image:
      let range = chunk.firstIndex..<chunk.firstIndex + chunk.count
      let encoding = subject.encodedImages(chunk, range, .pooled, tape)
      return encoding.map { ($0, owners(columns.photoPlaces(count: chunk.count))) }
    case .audio:
      let encoding = subject.encodedClips(chunk, .pooled, tape)
      return encoding.map { ($0, owners(columns.audio?.places ?? [])) }
    case .text:
      guard let texts = columns.captions, texts.count > 0 else { return nil }
      let own = texts.counts.enumerated().flatMap { [Int](repeating: chunk.firstIndex + $0, count: $1) }
      return (model.textEncoder(PackedText(texts), .pooled, tape), own)
    }
  }

  /// Nil where no sample has both. The one of which a sample may have several is looked for as captions are.
  private func retrieval(
    _ pair: ModalityPair, _ first: Side, _ second: Side, _ clusters: ImageClusters?
  ) throws -> PairRetrievalMetrics? {
    let both = Set(first.owners).intersection(second.owners).sorted()
    guard !both.isEmpty else { return nil }
    let number = Dictionary(uniqueKeysWithValues: both.enumerated().map { ($1, $0) })
    let isFirstSeveral = pair.first == .text
    let (one, several) = isFirstSeveral ? (second, first) : (first, second)
    let (queries, found) = (rows(of: one, in: number), rows(of: several, in: number))
    let layout = try RetrievalLayout(images: both.count, imageOfCaption: found.samples)
    let metrics = try RetrievalMetrics(
      localImageRanks: ranks(of: queries.features, among: found.features) {
        try imageToTextRanks(scores: $0, firstImage: $1, layout: layout)
      },
      localCaptionRanks: ranks(of: found.features, among: queries.features) {
        try textToImageRanks(scores: $0, firstCaption: $1, layout: layout)
      }, layout: layout, bootstrap: clusters.flatMap { ClusterBootstrap($0.selecting(both)) },
      communicator: subject.communicator)
    let (forth, back) = (metrics.imageToText, metrics.textToImage)
    return PairRetrievalMetrics(
      first: pair.first.rawValue, second: pair.second.rawValue, samples: both.count,
      firstToSecond: isFirstSeveral ? back : forth, secondToFirst: isFirstSeveral ? forth : back)
  }

  /// The features of the samples that have both, and the numbers of these among them.
  private func rows(of side: Side, in number: [Int: Int]) -> (features: Tensor, samples: [Int]) {
    let kept = side.owners.indices.filter { number[side.owners[$0]] != nil }
    let width = model.featureWidth
    let values = kept.flatMap { side.values[$0 * width..<($0 + 1) * width] }
    return (
      subject.engine.tensor(values, shape: [kept.count, width]), kept.compactMap { number[side.owners[$0]] }
    )
  }

  /// Of this rank's share of the queries.
  private func ranks(
    of queries: Tensor, among found: Tensor,
    _ ranks: (_ scores: UnsafeBufferPointer<Float>, _ first: Int) throws -> [Int32]
  ) throws -> [Int32] {
    let own = share(of: queries.rows, rank: subject.communicator.rank, ranks: subject.communicator.size)
    guard !own.isEmpty else { return [] }
    let block = Tape(subject.engine, recording: false).gatherRows(queries, Array(own))
    return try subject.engine.similarities(block, found).withValues { try ranks($0, own.lowerBound) }
  }
}
