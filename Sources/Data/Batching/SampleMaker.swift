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

/// What becomes of a sample's captions.
struct SampleTexts: Sendable {
  var ids: [[Int32]]
  var identities: [UInt64]
  /// The number of the first of them among the sample's captions.
  var first = 0
}

/// Turns a sample into pixels and token ids. A function of the sample, the seed and the epoch: which thread does it and
/// when has no bearing.
struct SampleMaker: PhotoMaker {
  enum Captions: Sendable {
    case one(CaptionChoice)
    case all
  }

  let dataSet: PreparedDataSet
  let samples: [SampleReference]
  let tokenizer: any Tokenizer
  let contextLength: Int
  let preprocessing: Preprocessing
  let augmentation: Augmentation
  let decoding: PhotoDecoding
  let captions: Captions
  var makesImages = true
  let seed: UInt64

  var photoSize: Int { makesImages ? preprocessing.count : 0 }

  /// - Parameter pixels: 3×S×S floats to write, where images are made.
  func make(_ task: SampleTask, into pixels: UnsafeMutableBufferPointer<Float>) throws(BatchingError) -> SampleTexts {
    let sample = samples[task.index]
    do {
      let texts = try texts(of: sample, task)
      guard makesImages else { return texts }
      var random = RandomStream(seed: seed, 4, UInt64(task.epoch), UInt64(task.index))
      try dataSet.withImageBytes(sample) {
        try preprocessing.training(
          photo: $0, limits: sample.limits, augmentation: augmentation, decoding: decoding, random: &random,
          into: pixels)
      }
      return texts
    } catch let error as BatchingError {
      throw error
    } catch {
      let cause = (error as? any ReportableError)?.exitCode ?? .internalError
      throw .sample(key: sample.key, shard: shardName(sample), reason: "\(error)", cause: cause)
    }
  }

  private func texts(of sample: SampleReference, _ task: SampleTask) throws -> SampleTexts {
    var texts = try dataSet.captions(sample)
    var first = 0
    if case .one(let choice) = captions {
      guard !texts.isEmpty else {
        throw BatchingError.sample(
          key: sample.key, shard: shardName(sample), reason: "it has no caption; prepare the data set without it",
          cause: .badData)
      }
      first = choose(choice, among: texts.count, task)
      texts = [texts[first]]
    }
    return SampleTexts(
      ids: texts.map { tokenizer.encode($0, limit: contextLength) }, identities: texts.map { textIdentity($0) },
      first: first)
  }

  private func choose(_ choice: CaptionChoice, among count: Int, _ task: SampleTask) -> Int {
    guard choice == .random else { return 0 }
    var random = RandomStream(seed: seed, 3, UInt64(task.epoch), UInt64(task.index))
    return random.integer(below: count)
  }

  private func shardName(_ sample: SampleReference) -> String {
    dataSet.path + "/" + dataSet.manifest.shards[sample.shard].file
  }
}
