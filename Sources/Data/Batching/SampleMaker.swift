internal import Audio
internal import Images
internal import Randomness
internal import Reporting
internal import Tokenization

/// One sample that a batch needs.
struct SampleTask: Sendable {
  /// Its place in the split.
  var index: Int
  var epoch: Int
}

/// Turns a sample into pixels, token ids and the rest of the columns that are wanted; nothing else is decoded. A function of the
/// sample, the seed and the epoch: which thread does it and when has no bearing.
struct SampleMaker: PhotoMaker {
  /// How much a sample gives of a column in which it has several values.
  enum Values: Sendable {
    case one(ValueChoice)
    case all
  }

  let dataSet: PreparedDataSet
  let samples: [SampleReference]
  let wanted: ColumnSet
  /// Without which a sample is refused.
  let required: ColumnSet
  /// Whether a sample may have no photo, where photos are wanted.
  var photosMayBeAbsent = false
  /// The most frames of a sample; nil where photos are looked at.
  var frames: Int?
  let tokenizer: any Tokenizer
  let contextLength: Int
  /// Nil for a model that reads none.
  let regionLimits: RegionLimits?
  let preprocessing: Preprocessing
  let augmentation: Augmentation
  let decoding: PhotoDecoding
  let values: Values
  let seed: UInt64
  /// How photos are prepared that keep their shape, without augmentation; nil where they become squares.
  var shaped: ShapedPreprocessing?
  var audioAugmentation = AudioAugmentation.none
  /// Makes rows of clips; nil where none are wanted.
  var clips: ClipReader?
  var mixUp = MixUp.none
  var wordDrop = WordDrop.none

  /// Where no photos are wanted there is no memory for them.
  var photoSize: Int { wanted.contains(.image) ? shaped?.capacity ?? preprocessing.count * (frames ?? 1) : 0 }

  /// - Parameter pixels: `photoSize` floats to write, where photos are wanted.
  func make(_ task: SampleTask, into pixels: UnsafeMutableBufferPointer<Float>) throws(BatchingError) -> SampleParts {
    let sample = samples[task.index]
    do {
      let mixed = try mixed(task)
      var parts = try parts(of: sample, task, mixed?.sample)
      parts.mixture = mixed?.mixture
      if let column = required.columns.first(where: parts.lacks) { throw dataSet.lack(of: column, sample) }
      parts.hasPhoto = sample.hasPhoto
      guard wanted.contains(.image) else { return parts }
      if sample.hasPhoto, let frames {
        parts.frames = try decodeFrames(of: sample, limit: frames, task, into: pixels)
      } else if sample.hasPhoto {
        parts.size = try decodePhoto(of: sample, task, into: pixels)
        if let mixed { try mixIn(mixed.sample, to: pixels) }
      } else if photosMayBeAbsent {
        pixels.update(repeating: 0)  // nobody looks at it, and what a batch before has left is not to be found in it
      } else {
        throw dataSet.lack(of: .image, sample)
      }
      return parts
    } catch let error as BatchingError {
      throw error
    } catch {
      let cause = (error as? any ReportableError)?.exitCode ?? .internalError
      throw .sample(key: sample.key, shard: dataSet.shard(of: sample), reason: "\(error)", cause: cause)
    }
  }

  private func parts(of sample: SampleReference, _ task: SampleTask, _ mixed: MixedSample?) throws -> SampleParts {
    var parts = SampleParts()
    guard wanted.columns != [.image] else { return parts }
    let (captions, columns) = try dataSet.columns(wanted, of: sample)
    parts.captions = encode(chosen(captions, by: .captionChoice, task), task)
    parts.questions = encode(chosen(columns.questions, by: .questionChoice, task))
    parts.boxes = try encode(chosen(columns.boxes, by: .boxChoice, task), of: sample)
    parts.labels = columns.labels
    for (name, text) in columns.texts { parts.texts[name] = encode([text], dropping: name, task) }
    parts.group = columns.group
    if wanted.contains(.regions) {
      parts.regions = try dataSet.regions(sample)
      if let regionLimits { try dataSet.check(parts.regions, regionLimits, of: sample) }
    }
    if let clips { parts.clip = try clip(of: sample, task, mixed, clips) }
    return parts
  }

  private func clip(
    of sample: SampleReference, _ task: SampleTask, _ mixed: MixedSample?, _ clips: ClipReader
  ) throws -> BandRows? {
    guard let sound = try dataSet.sound(of: sample) else { return nil }
    let other = try mixed.flatMap { mixed in
      try dataSet.sound(of: samples[mixed.task.index]).map { (sound: $0, own: mixed.own) }
    }
    var random = RandomStream(seed: seed, .soundAugmentation, UInt64(task.epoch), UInt64(task.index))
    return clips.training(sound, mixedWith: other, augmentation: audioAugmentation, random: &random)
  }

  /// Adds another photo, as training sees it, to one: both squares of the same size.
  private func mixIn(_ mixed: MixedSample, to pixels: UnsafeMutableBufferPointer<Float>) throws {
    precondition(shaped == nil, "photos that keep their shapes are mixed")
    var others = [Float](repeating: 0, count: pixels.count)
    _ = try others.withUnsafeMutableBufferPointer {
      try decodePhoto(of: samples[mixed.task.index], mixed.task, into: $0)
    }
    for place in pixels.indices { pixels[place] = mixed.own * pixels[place] + (1 - mixed.own) * others[place] }
  }

  /// - Returns: the size of a photo that keeps its shape.
  private func decodePhoto(
    of sample: SampleReference, _ task: SampleTask, into pixels: UnsafeMutableBufferPointer<Float>
  ) throws -> PixelSize? {
    if let shaped {
      var size: PixelSize?
      try dataSet.withImageBytes(sample) {
        size = try shaped.prepare(readPicture($0, limits: sample.limits).image, into: pixels)
      }
      return size
    }
    var random = RandomStream(seed: seed, .augmentation, UInt64(task.epoch), UInt64(task.index))
    try dataSet.withImageBytes(sample) {
      try preprocessing.training(
        photo: $0, limits: sample.limits, augmentation: augmentation, decoding: decoding, random: &random, into: pixels)
    }
    return nil
  }

  /// All frames of a video are changed alike: the same part is cut out of each, mirrored or not, and so on.
  /// - Returns: how many there are.
  private func decodeFrames(
    of sample: SampleReference, limit: Int, _ task: SampleTask, into pixels: UnsafeMutableBufferPointer<Float>
  ) throws -> Int {
    let random = RandomStream(seed: seed, .augmentation, UInt64(task.epoch), UInt64(task.index))
    return try dataSet.withFrames(of: sample, limit: limit) { place, bytes, limits in
      var lots = random
      let own = place * preprocessing.count..<(place + 1) * preprocessing.count
      try preprocessing.training(
        photo: bytes, limits: limits, augmentation: augmentation, decoding: decoding, random: &lots,
        into: UnsafeMutableBufferPointer(rebasing: pixels[own]))
    }
  }

  /// All values, or one of them.
  /// - Parameter purpose: the column's own, so that lots of one column say nothing of another's.
  private func chosen<Value>(_ all: [Value], by purpose: RandomPurpose, _ task: SampleTask) -> ArraySlice<Value> {
    guard case .one(let choice) = values, all.count > 1 else { return all[...] }
    guard choice == .random else { return all[...0] }
    var random = RandomStream(seed: seed, purpose, UInt64(task.epoch), UInt64(task.index))
    let place = random.integer(below: all.count)
    return all[place...place]
  }

}

extension PreparedDataSet {
  /// Refuses a split with videos where a model looks at photos.
  /// - Parameters:
  ///   - frames: of a sample that it looks at; nil for photos.
  ///   - columns: that it reads.
  /// - Throws: `BatchingError.severalFrames`, or `.unknownSplit`.
  public func require(frames: Int?, of columns: ColumnSet, split: String) throws(BatchingError) {
    guard frames == nil, columns.contains(.image), try hasFrames(split: split) else { return }
    throw .severalFrames(path: path, split: split)
  }

  func lack(of column: Column, _ sample: SampleReference) -> BatchingError {
    .sample(
      key: sample.key, shard: shard(of: sample),
      reason: "it has nothing in the column \(printableName(column.name)); prepare the data set without it",
      cause: .badData)
  }

  func shard(of sample: SampleReference) -> String { path + "/" + manifest.shards[sample.shard].file }
}

extension SampleMaker {
  /// Makes clips, too, where the columns have them.
  mutating func hear(_ settings: ClipSettings, ifIn columns: ColumnSet) {
    guard columns.contains(.audio) else { return }
    audioAugmentation = settings.augmentation
    clips = ClipReader(settings.form)
  }
}
