public import TensorEngine

/// The tokens of pairs end to end: those of a pair's text, then those of its image, and pair after pair, without padding.
public struct PackedPairs {
  /// [T, W]
  public let states: Tensor
  /// Pair i has the rows offsets[i] ..< offsets[i + 1].
  public let offsets: [Int]
  /// The first row of each pair's image; those of its text stand before it.
  public let imageStarts: [Int]
  /// Which rows stand for each pair's text, and for its image.
  private let pooledRows: (texts: [Range<Int>], images: [Range<Int>])

  init(_ texts: Encoding, _ images: Encoding, _ pairs: [ImageTextPair], _ tape: Tape) {
    let textCount = texts.states.rows
    var (rows, offsets, imageStarts): ([Int], [Int], [Int]) = ([], [0], [])
    var pooled: (texts: [Range<Int>], images: [Range<Int>]) = ([], [])
    for pair in pairs {
      let text = texts.offsets[pair.text]..<texts.offsets[pair.text + 1]
      let image = images.offsets[pair.image]..<images.offsets[pair.image + 1]
      pooled.texts.append(texts.pooledRows[pair.text].shifted(by: rows.count - text.lowerBound))
      rows += text
      imageStarts.append(rows.count)
      pooled.images.append(images.pooledRows[pair.image].shifted(by: rows.count - image.lowerBound))
      rows += image.shifted(by: textCount)
      offsets.append(rows.count)
    }
    states = tape.gatherRows(tape.concatenateRows([texts.states, images.states]), rows)
    (self.offsets, self.imageStarts, pooledRows) = (offsets, imageStarts, pooled)
  }

  public var count: Int { imageStarts.count }

  /// The rows of a pair's text, and of its image.
  public func textRows(_ pair: Int) -> Range<Int> { offsets[pair]..<imageStarts[pair] }
  public func imageRows(_ pair: Int) -> Range<Int> { imageStarts[pair]..<offsets[pair + 1] }

  /// What layers have made of the tokens, each modality for itself.
  /// - Parameters:
  ///   - states: [T, W'], row by row.
  ///   - vectors: what stands for each pair, where that is made of all of its tokens.
  func joint(_ states: Tensor, vectors: Tensor? = nil, _ tape: Tape) -> JointStates {
    let pairs = Array(0..<count)
    return JointStates(
      images: part(states, pairs.map(imageRows), pooledRows.images, tape),
      texts: part(states, pairs.map(textRows), pooledRows.texts, tape), imageOfPair: pairs, textOfPair: pairs,
      vectors: vectors)
  }

  private func part(_ states: Tensor, _ rows: [Range<Int>], _ pooled: [Range<Int>], _ tape: Tape) -> Encoding {
    let offsets = rows.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
    return Encoding(
      states: tape.gatherRows(states, rows.flatMap(\.self)), offsets: offsets,
      pooledRows: zip(zip(offsets, rows), pooled).map { $1.shifted(by: $0.0 - $0.1.lowerBound) })
  }
}
