package import Models
internal import Randomness
package import TensorEngine

/// Which regions of images are hidden, and which are asked for (Chen et al., "UNITER", 2020, §3.2; Lu et al., "ViLBERT", 2019,
/// §3.2).
package struct MaskedRegions {
  /// Of each image the places that are asked for, ascending.
  package private(set) var asked: [[Int]] = []
  /// Those that the model does not see: what is asked for, but for what is kept, and what overlaps that.
  package private(set) var hidden: [[Int]] = []

  /// - Parameters:
  ///   - boxes: of each image where its places lie.
  ///   - samples: names each image's draw, whatever rank it is on.
  package init(_ boxes: [[Box]], _ settings: MaskedRegionSettings, _ samples: SampleNames) {
    for (image, boxes) in boxes.enumerated() {
      let name = samples.samples[image]
      var random = RandomStream(
        seed: samples.seed, .maskedRegions, UInt64(samples.epoch), name.photo, name.caption)
      let chosen = Self.chosen(boxes.count, settings.share, &random)
      let kept = Set(chosen.filter { _ in Double(random.uniform()) < settings.kept })
      asked.append(chosen)
      hidden.append(
        boxes.indices.filter { place in
          !kept.contains(place)
            && chosen.contains { $0 == place || boxes[$0].overlaps(boxes[place], above: settings.overlap) }
        })
    }
  }

  /// So many places ascending, each at the odds of `share`; one at least, where there is any.
  private static func chosen(_ count: Int, _ share: Double, _ random: inout RandomStream) -> [Int] {
    let drawn = (0..<count).filter { _ in Double(random.uniform()) < share }
    guard drawn.isEmpty, count > 0 else { return drawn }
    return [random.integer(below: count)]
  }

  /// K
  package var count: Int { asked.reduce(0) { $0 + $1.count } }
}

extension Box {
  fileprivate func overlaps(_ other: Box, above limit: Double?) -> Bool {
    limit.map { Double(overlap(with: other)) > $0 } ?? false
  }
}

extension MaskedRegionModel {
  /// What says what the regions are that are asked for [K, W], image by image; text i meets image i.
  package func states(
    of masked: MaskedRegions, _ images: ImageInput, _ texts: Encoding, _ tape: Tape
  ) -> Tensor {
    let seen = imageEncoder(images.hiding(masked.hidden), .all, tape)
    let joint = join(seen, texts, (0..<images.count).map { ImageTextPair(image: $0, text: $0) }, tape)
    return states(ofRegions: masked.asked, in: joint, tape)
  }
}
