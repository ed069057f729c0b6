public import Batching
public import Collectives
public import Evaluation
internal import Inference
internal import Models
internal import Pretrained
internal import Reporting
public import Tasks

/// Scores captions by the features of any model that has some of images and texts in one space, as CLIP.
public final class FeatureJudge: CaptionJudge {
  private let model: LoadedModel
  private let settings: PhotoEncoding
  private let warn: (String) -> Void
  public let name: String

  /// - Parameters:
  ///   - name: as somebody calls the model.
  ///   - warn: is told of captions that are longer than the model reads.
  /// - Throws: `InferenceError.noFeatures`, `.readsRegions`; what reading a model throws.
  public init(
    path: String, name: String, allowsNotFinite: Bool = false, threads: Int, spins: Bool = true,
    warn: @escaping (String) -> Void
  ) throws {
    let directory = try ModelDirectory(path: path)
    guard directory.description is any FeatureDescription else {
      throw InferenceError.noFeatures(path: path, model: directory.description.name)
    }
    model = try LoadedModel(directory, allowsNotFinite: allowsNotFinite, threads: threads, spins: spins)
    var settings = PhotoEncoding()
    settings.workers = max(1, threads / 2)
    (self.settings, self.warn) = (settings, warn)
    // Two models may be called alike.
    self.name = "\(name),\(try model.stamp(name: name).fingerprint.prefix(12))"
  }

  public func likeness(
    of captions: [String], references: [[String]], to photos: any PhotoCollection, _ communicator: any Communicator
  ) throws -> [CaptionLikeness] {
    let seen = try model.encode(photos, settings, communicator).features
    let texts = (captions + references.flatMap(\.self)).map { CaptionLikeness.prefix + $0 }
    let read = try model.encode(texts, communicator)
    if read.cutTexts > 0, communicator.rank == 0 {
      warn(
        "\(read.cutTexts) of \(texts.count) captions and references are longer than the \(model.contextLength) tokens that \(printable(name)) reads, "
          + "and were cut")
    }
    var first = captions.count
    return captions.indices.map { place in
      let own = first..<first + references[place].count
      first = own.upperBound
      return CaptionLikeness(
        image: cosine(seen[place], read.features[place]),
        references: own.map { cosine(read.features[place], read.features[$0]) }.max() ?? 0)
    }
  }
}

/// Of rows of length one.
private func cosine(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>) -> Double {
  zip(a, b).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
}
