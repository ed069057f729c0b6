internal import Foundation

/// CIDEr-D (Vedantam et al., "CIDEr", 2015) as the evaluation of COCO's captions computes it: how alike a caption and its references are in
/// runs of one to four words, each weighted by how few images' references have it.
struct CIDEr {
  /// The number of images that the frequencies are of.
  let images: Double
  /// log N − log(images with the run), by order and number; a run that none has counts as one that one image has.
  private let rarity: [[Int32: Double]]
  private let rarest: Double

  /// - Parameter references: of each image; taken one after the other.
  init(of references: some Sequence<[CountedCaption]>) {
    var (images, frequencies) = (0, [[Int32: Int]](repeating: [:], count: WordRuns.longest))
    for own in references {
      images += 1
      for order in frequencies.indices {
        for run in Set(own.flatMap { $0.runs[order].map(\.run) }) { frequencies[order][run, default: 0] += 1 }
      }
    }
    self.images = Double(images)
    let rarest = log(self.images)
    self.rarest = rarest
    rarity = frequencies.map { $0.mapValues { rarest - log(Double($0)) } }
  }

  /// Of one caption, from 0 to 10.
  func score(_ caption: CountedCaption, _ references: [CountedCaption]) -> Double {
    scores([caption], references)[0]
  }

  /// Of several captions of one image.
  func scores(_ captions: [CountedCaption], _ references: [CountedCaption]) -> [Double] {
    let known = references.map(weighted)
    return captions.map { caption in
      let own = weighted(caption)
      return 10 * known.reduce(0.0) { $0 + likeness(own, $1) } / Double(max(1, known.count))
    }
  }

  private struct Weighted {
    var runs: [[(run: Int32, weight: Double)]] = []
    var norms: [Double] = []
    /// Runs of two words, which is what the program takes for a length.
    var length = 0.0
  }

  private func weighted(_ caption: CountedCaption) -> Weighted {
    var weighted = Weighted(length: Double(max(0, caption.words.count - 1)))
    for (order, counts) in caption.runs.enumerated() {
      let runs = counts.map { (run: $0.run, weight: Double($0.count) * (rarity[order][$0.run] ?? rarest)) }
      weighted.runs.append(runs)
      weighted.norms.append(runs.reduce(0) { $0 + $1.weight * $1.weight }.squareRoot())
    }
    return weighted
  }

  /// The mean over orders of the clipped cosine, less for a length that is another: by exp(−Δ²/(2·6²)).
  private func likeness(_ caption: Weighted, _ reference: Weighted) -> Double {
    let difference = caption.length - reference.length
    let penalty = exp(-difference * difference / (2 * 6 * 6))
    var sum = 0.0
    for order in 0..<WordRuns.longest where caption.norms[order] != 0 && reference.norms[order] != 0 {
      var (i, j, product) = (0, 0, 0.0)
      let (a, b) = (caption.runs[order], reference.runs[order])
      while i < a.count, j < b.count {
        if a[i].run == b[j].run {
          product += min(a[i].weight, b[j].weight) * b[j].weight
          (i, j) = (i + 1, j + 1)
        } else if a[i].run < b[j].run {
          i += 1
        } else {
          j += 1
        }
      }
      sum += product / (caption.norms[order] * reference.norms[order])
    }
    return penalty * sum / Double(WordRuns.longest)
  }
}
