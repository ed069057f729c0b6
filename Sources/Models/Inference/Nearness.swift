public import Batching
internal import Reporting

/// How near features that were computed in bytes are to those of fp32: the cosines of some of them.
public struct Nearness: Sendable, Equatable {
  /// What was compared: photos, clips or texts.
  public let kind: String
  public let count: Int
  public let mean: Double
  public let least: Double

  /// How many are compared of each kind: seconds of work, whatever the collection's size.
  public static let sample = 32

  /// - Parameters:
  ///   - features: in bytes; its first rows are of the same things as those of `exact`.
  ///   - exact: at least one row.
  init(_ kind: String, _ features: Features, to exact: Features) {
    let cosines = (0..<exact.count).map { row in
      zip(features[row], exact[row]).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    (self.kind, count) = (kind, cosines.count)
    mean = cosines.reduce(0, +) / Double(cosines.count)
    least = cosines.min() ?? 0
  }

  /// "photos: cosine to fp32 0.9990 in the mean, 0.9965 at least (the first 32)"
  public var sentence: String {
    "\(kind): cosine to fp32 \(decimals(mean, 4)) in the mean, \(decimals(least, 4)) at least (the first \(count))"
  }
}

extension LoadedModel {
  /// Compares the first of what was encoded with what this model makes of the same; nil where there was nothing.
  /// - Parameter encoded: by the same model in bytes.
  /// - Throws: as `encode`.
  public func nearness(of encoded: EncodedPhotos, _ photos: any PhotoCollection, _ settings: PhotoEncoding) throws
    -> Nearness?
  {
    guard let last = encoded.places.prefix(Nearness.sample).last else { return nil }
    let exact = try encode(FirstPhotos(last + 1, of: photos), settings)
    return Nearness(photos.kind.word + "s", encoded.features, to: exact.features)
  }

  /// The same of texts.
  public func nearness(of encoded: EncodedTexts, _ texts: [String]) throws -> Nearness? {
    guard !texts.isEmpty else { return nil }
    let exact = try encode(Array(texts.prefix(Nearness.sample)))
    return Nearness("texts", encoded.features, to: exact.features)
  }
}
