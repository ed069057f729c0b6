internal import Batching
internal import Collectives
internal import Evaluation
internal import Models
internal import Objectives
internal import TensorEngine

extension MeasuredModel {
  /// This rank's part of a split: the columns that a task reads, photos where the model looks at them and nobody has kept their
  /// states.
  /// - Parameter photosMayBeAbsent: whether a sample may have no photo.
  func loader(
    _ dataSet: PreparedDataSet, split: String, _ columns: ColumnSet, photosMayBeAbsent: Bool = false
  ) throws -> EvaluationLoader {
    let images = model.description.images
    return try EvaluationLoader(
      dataSet: dataSet, split: split,
      columns: states.images == nil ? columns.seen(as: images) : columns.unseen(as: images),
      photosMayBeAbsent: photosMayBeAbsent, frames: images.frames, tokenizer: tokenizer,
      contextLength: model.description.texts.contextLength, regionLimits: images.regionLimits,
      preprocessing: preprocessing, shaped: shaped, clips: clips, chunk: chunk, rank: communicator.rank,
      ranks: communicator.size,
      workers: workers)
  }

  /// Every chunk of this rank's part, unless the measuring is cut off. Collective where it may be.
  /// - Throws: `EvaluationCut.Request` on all ranks where it was.
  func forEachChunk(of loader: EvaluationLoader, _ body: (EvaluationChunk) throws -> Void) throws {
    if let cut {
      try cut.forEach(Array(0..<loader.chunks)) { _ in try loader.next().map(body) }
    } else {
      while let chunk = try loader.next() { try body(chunk) }
    }
  }

  /// What the image encoder makes of a chunk's images; nil where there are none.
  /// - Parameter range: its places in the split.
  func encodedImages(
    _ chunk: EvaluationChunk, _ range: Range<Int>, _ tokens: EncodedTokens, _ tape: Tape
  ) -> Encoding? {
    if let known = states.images?(range) { return known.count > 0 ? known : nil }
    let images = engine.images(chunk.columns, model.description.images)
    return images.count > 0 ? (model as? any ImageModel)?.imageEncoder(images, tokens, tape) : nil
  }

  /// Of the clips that the model hears beside images; nil where there are none.
  func encodedClips(_ chunk: EvaluationChunk, _ tokens: EncodedTokens, _ tape: Tape) -> Encoding? {
    guard let batch = chunk.columns.audio, let model = model as? any ClipModel else { return nil }
    let clips = engine.clips(batch)
    return clips.count == 0 ? nil : model.clipEncoder(ImageInput(.clips(clips)), tokens, tape)
  }

  /// Of each sample of a split with which others it goes together; each by itself where nobody asks for intervals.
  func clusters(of dataSet: PreparedDataSet, split: String) throws -> [Int] {
    guard isThorough else { return Array(0..<(try dataSet.samples(split: split).count)) }
    return try dataSet.clusters(ofSplit: split).ofImage
  }
}
