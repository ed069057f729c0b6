package import Batching
package import Models

/// A text a sample, where it has one: the first of those that it has.
package struct SampleTexts {
  /// One for each sample. Where there is none a single token stands, whose states nobody looks at: so the place of a text among them
  /// is its sample's, by which dropout draws.
  package let packed: PackedText
  package let isThere: [Bool]

  package init(firstOf texts: TextBatch) {
    let all = PackedText(texts)
    var (next, kept): (Int, [[Int32]]) = (0, [])
    for count in texts.counts {
      kept.append(count > 0 ? Array(all.ids[all.offsets[next]..<all.offsets[next + 1]]) : [0])
      next += count
    }
    (packed, isThere) = (PackedText(kept), texts.counts.map { $0 > 0 })
  }

  /// The place of each sample's; nil where it has none.
  package var places: [Int?] { isThere.indices.map { isThere[$0] ? $0 : nil } }
}
