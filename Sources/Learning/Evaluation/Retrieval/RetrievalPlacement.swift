internal import Foundation

/// Where the right answers of a query stand.
public struct RetrievalPlacement: BitwiseCopyable, Equatable, Sendable {
  /// Of the best of them, 1 for the best.
  public var rank: Int32
  /// The same where what has a caption with the same words is right as well: of several photos of which somebody has said "a dog" no
  /// text can tell which is meant, and a search that finds another of them has made no mistake.
  public var mergedRank: Int32
  /// What is gained among the first ten over the most that could be: each right answer counts 1 / log₂(1 + its rank) (Järvelin and
  /// Kekäläinen, TOIS 2002).
  public var gain: Double
}

/// Which captions say the same.
public struct EqualCaptions: Sendable {
  private let layout: RetrievalLayout
  private let identities: [UInt64]
  private let captions: [UInt64: [Int]]

  /// - Parameter identities: one a caption, equal where they say the same.
  public init(_ layout: RetrievalLayout, identities: [UInt64]) throws(EvaluationError) {
    guard identities.count == layout.captionCount else {
      throw .count(what: "identities of captions", found: identities.count, expected: layout.captionCount)
    }
    (self.layout, self.identities) = (layout, identities)
    captions = identities.indices.reduce(into: [:]) { $0[identities[$1], default: []].append($1) }
  }

  /// The captions that say what one of an image's own says.
  func captions(of image: Int) -> [Int] {
    unique(layout.captions(of: image).flatMap { captions[identities[$0]] ?? [] })
  }

  /// The images of which this is said.
  func images(of caption: Int) -> [Int] {
    unique((captions[identities[caption]] ?? []).map { layout.imageOfCaption[$0] })
  }

  private func unique(_ numbers: [Int]) -> [Int] { Set(numbers).sorted() }
}

/// Where a block of images finds its captions; ties and NaN count as in `imageToTextRanks`.
/// - Parameters:
///   - scores: (images of the block) × (all captions), row-major.
///   - firstImage: the image of row 0.
public func imageToTextPlacements(
  scores: UnsafeBufferPointer<Float>, firstImage: Int, layout: RetrievalLayout, equal: EqualCaptions
) throws(EvaluationError) -> [RetrievalPlacement] {
  let rows = try rowCount(scores, width: layout.captionCount, first: firstImage, of: layout.images, "images")
  return rows.map { image, row in
    RetrievalPlacement(row, own: Array(layout.captions(of: image)), merged: equal.captions(of: image))
  }
}

/// The same for captions in search of their image.
/// - Parameter scores: (captions of the block) × (all images), row-major.
public func textToImagePlacements(
  scores: UnsafeBufferPointer<Float>, firstCaption: Int, layout: RetrievalLayout, equal: EqualCaptions
) throws(EvaluationError) -> [RetrievalPlacement] {
  let rows = try rowCount(scores, width: layout.images, first: firstCaption, of: layout.captionCount, "captions")
  return rows.map { caption, row in
    RetrievalPlacement(row, own: [layout.imageOfCaption[caption]], merged: equal.images(of: caption))
  }
}

extension RetrievalPlacement {
  fileprivate init(_ row: UnsafeBufferPointer<Float>, own: [Int], merged: [Int]) {
    rank = Int32(Evaluation.rank(row, own: own[...]))
    mergedRank = Int32(Evaluation.rank(row, own: merged[...]))
    gain = gainAmongTen(row, own)
  }
}

/// Right answers stand behind wrong ones of the same score, and one that is no number behind all.
private func gainAmongTen(_ row: UnsafeBufferPointer<Float>, _ own: [Int]) -> Double {
  let isOwn = Set(own)
  let found = own.map { row[$0] }.filter { !$0.isNaN }.sorted(by: >)
  let places = found.enumerated().map { before, score in
    1 + before + row.indices.count { !isOwn.contains($0) && !(row[$0] < score) }
  }
  let worth = { (place: Int) in 1 / log2(Double(place + 1)) }
  let gained = places.filter { $0 <= 10 }.reduce(0.0) { $0 + worth($1) }
  return gained / (1...min(own.count, 10)).reduce(0.0) { $0 + worth($1) }
}
