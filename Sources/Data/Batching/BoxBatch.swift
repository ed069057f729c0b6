/// Parts of the photos of b samples, and the words for them.
public struct BoxBatch: Equatable, Sendable {
  public var phrases: TextBatch
  /// [m, 4]: left, top, right and bottom edge as shares of the whole photo as it is shown. A crop that pixels were cut by moves
  /// no box: who reads both has photos prepared without one.
  public var edges: [Float]

  init(_ samples: [EncodedBoxes]) {
    phrases = TextBatch(samples.map(\.phrases))
    edges = samples.flatMap(\.edges)
  }
}

/// The boxes of one sample.
struct EncodedBoxes: Sendable {
  var phrases = EncodedTexts()
  /// Four to a box.
  var edges: [Float] = []
}

extension SampleMaker {
  /// - Throws: `BatchingError.record` for a box that is no part of the photo.
  func encode(_ boxes: ArraySlice<PhraseBox>, of sample: SampleReference) throws(BatchingError) -> EncodedBoxes {
    let (width, height) = (Double(sample.width), Double(sample.height))
    var edges: [Float] = []
    for box in boxes {
      let shares = [
        box.x / width, box.y / height, (box.x + box.width) / width, (box.y + box.height) / height,
      ].map { Float($0) }
      // Preparation lets a box end where the photo ends; a rounding more is not a fault of the data.
      guard box.width >= 0, box.height >= 0, shares.allSatisfy({ (0...1.000_001).contains($0) }) else {
        throw .record(path: dataSet.shard(of: sample), key: sample.key, reason: "a box lies outside the photo")
      }
      edges += shares.map { min($0, 1) }
    }
    return EncodedBoxes(phrases: encode(boxes.map(\.phrase), from: boxes.startIndex), edges: edges)
  }
}
