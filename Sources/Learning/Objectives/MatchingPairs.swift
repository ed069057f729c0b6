package import Models
internal import Randomness

/// What this rank asks about: pairs, by their places in the global batch, and whether they belong together.
package struct MatchingPairs {
  package let pairs: [ImageTextPair]
  /// 1 where image and text belong together, 0 where not.
  package let targets: [Int32]

  /// True pairs, then images with a wrong caption, then captions with a wrong image (Li et al., "ALBEF", 2021).
  /// - Parameter negatives: for each of this rank's pairs; nil where the batch has none.
  init(_ layout: BatchLayout, negatives: [(text: Int?, image: Int?)]) {
    let anchors = Array(layout.local)
    let positives = anchors.map { ImageTextPair(image: $0, text: $0) }
    let wrongTexts = zip(anchors, negatives).compactMap { anchor, negative in
      negative.text.map { ImageTextPair(image: anchor, text: $0) }
    }
    let wrongImages = zip(anchors, negatives).compactMap { anchor, negative in
      negative.image.map { ImageTextPair(image: $0, text: anchor) }
    }
    let wrong = wrongTexts + wrongImages
    pairs = positives + wrong
    targets = [Int32](repeating: 1, count: positives.count) + [Int32](repeating: 0, count: wrong.count)
  }

  /// Each caption once, with its image or, at even odds, another one of the global batch (Chen et al., "UNITER", 2020, §3.2;
  /// Kim et al., "ViLT", 2021, §3.2). What is drawn is a function of seed, epoch and sample, and of what else is in the batch.
  package init(_ layout: BatchLayout, _ identities: Identities, seed: UInt64, epoch: Int) {
    pairs = layout.local.map { anchor in
      var random = RandomStream(
        seed: seed, .randomNegatives, UInt64(epoch), identities.photos[anchor], identities.captions[anchor])
      let image = random.uniform() < 0.5 ? identities.randomNegative(anchor, &random) : nil
      return ImageTextPair(image: image ?? anchor, text: anchor)
    }
    targets = pairs.map { $0.image == $0.text ? 1 : 0 }
  }
}

extension Identities {
  /// Another pair of the global batch, each at the same odds; nil where none shows another photo and says something else.
  fileprivate func randomNegative(_ anchor: Int, _ random: inout RandomStream) -> Int? {
    let others = photos.indices.filter { areNegatives(anchor, $0) }
    return others.isEmpty ? nil : others[random.integer(below: others.count)]
  }
}
