internal import Audio
public import Batching
internal import Randomness

/// How fast one core turns stored clips into what a tower of clips reads.
public struct ClipLoadingMeasurement: Sendable {
  public let clips: Int
  /// Mean length of the clips.
  public let meanSeconds: Double
  /// Bytes to samples alone.
  public let decodesPerSecond: Double
  /// To normalised bands of AST, evaluation's way: from the beginning, ten seconds at most.
  public let clipsPerSecond: Double
  /// The same with a random cut, noise and hidden bands and frames.
  public let trainingClipsPerSecond: Double

  /// Measures on the clips of the first `limit` samples of a split, on the calling thread; nil where none has one.
  /// - Throws: `BatchingError`, `SoundError`.
  public init?(_ data: PreparedDataSet, split: String, limit: Int) throws {
    let samples = Array(try data.samples(split: split).prefix(limit))
    let reader = ClipReader(.bands(.ast))
    var sounds: [Waveform] = []
    let decoding = try seconds { sounds = try samples.compactMap { try data.sound(of: $0) } }
    guard !sounds.isEmpty else { return nil }
    let evaluation = try seconds {
      for sample in samples { _ = try data.sound(of: sample).map(reader.evaluation) }
    }
    let training = try seconds {
      for (index, sample) in samples.enumerated() {
        var random = RandomStream(seed: 0, .soundAugmentation, UInt64(index))
        _ = try data.sound(of: sample).map { reader.training($0, augmentation: .standard, random: &random) }
      }
    }
    clips = sounds.count
    let count = Double(clips)
    meanSeconds = sounds.reduce(0) { $0 + $1.seconds } / count
    (decodesPerSecond, clipsPerSecond, trainingClipsPerSecond) = (
      count / decoding, count / evaluation, count / training
    )
  }
}
