public import Batching
internal import Images
internal import Randomness
internal import Reporting

/// How fast one core turns stored photos into what a vision tower reads.
public struct LoaderMeasurement: Sendable {
  public let photos: Int
  public let imageSize: Int
  /// Mean sides of the stored photos, in pixels.
  public let meanWidth: Double
  public let meanHeight: Double
  /// Bytes to pixels alone, at full size.
  public let decodesPerSecond: Double
  /// Pixels to S×S, cropped, as normalised floats: evaluation's way.
  public let preparationsPerSecond: Double
  /// Both together, evaluation's way: exact.
  public let imagesPerSecond: Double
  /// Both together with random crop and colours, decoded at a fraction of the size where the crop allows it.
  public let trainingImagesPerSecond: Double
  /// The same with exact decoding.
  public let exactTrainingImagesPerSecond: Double
}

/// Measures on the photos of the first `limit` samples of a split, on the calling thread; nil where none has one.
/// - Throws: `BatchingError`, `PictureError`.
public func measureLoader(_ data: PreparedDataSet, split: String, imageSize: Int, limit: Int) throws
  -> LoaderMeasurement?
{
  let samples = try data.samples(split: split).prefix(limit).filter { $0.imageBytes > 0 }
  guard !samples.isEmpty else { return nil }
  let preprocessing = Preprocessing.clip(imageSize: imageSize)
  let floats = UnsafeMutableBufferPointer<Float>.allocate(capacity: preprocessing.count)
  defer { floats.deallocate() }
  var images: [Image] = []
  let decoding = try seconds {
    images = try samples.map { sample in
      try data.withImageBytes(sample) { try decodePicture($0, limits: sample.limits) }
    }
  }
  let preparing = seconds { for image in images { preprocessing.evaluation(image, into: floats) } }
  let evaluation = try seconds {
    for sample in samples {
      let image = try data.withImageBytes(sample) { try decodePicture($0, limits: sample.limits) }
      preprocessing.evaluation(image, into: floats)
    }
  }
  let training = try [PhotoDecoding.scaled, .exact].map { decoding in
    try seconds {
      for (index, sample) in samples.enumerated() {
        var random = RandomStream(seed: 0, .augmentation, UInt64(index))
        try data.withImageBytes(sample) {
          try preprocessing.training(
            photo: $0, limits: sample.limits, augmentation: .standard, decoding: decoding, random: &random,
            into: floats)
        }
      }
    }
  }
  let count = Double(samples.count)
  return LoaderMeasurement(
    photos: samples.count, imageSize: imageSize,
    meanWidth: images.reduce(0) { $0 + Double($1.width) } / count,
    meanHeight: images.reduce(0) { $0 + Double($1.height) } / count, decodesPerSecond: count / decoding,
    preparationsPerSecond: count / preparing, imagesPerSecond: count / evaluation,
    trainingImagesPerSecond: count / training[0], exactTrainingImagesPerSecond: count / training[1])
}

/// The shorter of two runs.
func seconds(_ work: () throws -> Void) rethrows -> Double {
  var best = Double.infinity
  for _ in 0..<2 {
    let start = monotonicSeconds()
    try work()
    best = min(best, monotonicSeconds() - start)
  }
  return best
}
