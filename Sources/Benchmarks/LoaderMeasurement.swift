public import Batching
internal import Images
internal import Randomness
internal import Reporting

/// How fast one core turns stored photos into what a vision tower reads.
public struct LoaderMeasurement: Codable, Sendable {
  public let photos: Int
  public let imageSize: Int
  /// JPEG to pixels alone.
  public let decodesPerSecond: Double
  /// Pixels to S×S, cropped, as normalised floats: evaluation's way, exact.
  public let preparationsPerSecond: Double
  /// Both together, evaluation's way.
  public let imagesPerSecond: Double
  /// Both together with random crop, flip and colours.
  public let trainingImagesPerSecond: Double

  private enum CodingKeys: String, CodingKey {
    case photos
    case imageSize = "image_size"
    case decodesPerSecond = "decodes_per_second"
    case preparationsPerSecond = "preparations_per_second"
    case imagesPerSecond = "images_per_second"
    case trainingImagesPerSecond = "training_images_per_second"
  }
}

/// Measures on the first `limit` photos of a split, on the calling thread.
/// - Throws: `BatchingError`, `JPEGError`.
public func measureLoader(_ data: PreparedDataSet, split: String, imageSize: Int, limit: Int) throws
  -> LoaderMeasurement
{
  let samples = try data.samples(split: split).prefix(limit)
  let preprocessing = Preprocessing.clip(imageSize: imageSize)
  let floats = UnsafeMutableBufferPointer<Float>.allocate(capacity: preprocessing.count)
  defer { floats.deallocate() }
  var images: [Image] = []
  let decoding = try seconds { images = try samples.map { try data.withImageBytes($0) { try decodeJPEG($0) } } }
  let preparing = seconds { for image in images { preprocessing.evaluation(image, into: floats) } }
  let evaluation = try seconds {
    for sample in samples {
      preprocessing.evaluation(try data.withImageBytes(sample) { try decodeJPEG($0) }, into: floats)
    }
  }
  let training = try seconds {
    for (index, sample) in samples.enumerated() {
      let image = try data.withImageBytes(sample) { try decodeJPEG($0) }
      var random = RandomStream(seed: 0, 4, UInt64(index))
      preprocessing.training(image, augmentation: .standard, random: &random, into: floats)
    }
  }
  let count = Double(samples.count)
  return LoaderMeasurement(
    photos: samples.count, imageSize: imageSize, decodesPerSecond: count / decoding,
    preparationsPerSecond: count / preparing, imagesPerSecond: count / evaluation,
    trainingImagesPerSecond: count / training)
}

/// The shorter of two runs.
private func seconds(_ work: () throws -> Void) rethrows -> Double {
  var best = Double.infinity
  for _ in 0..<2 {
    let start = monotonicSeconds()
    try work()
    best = min(best, monotonicSeconds() - start)
  }
  return best
}
