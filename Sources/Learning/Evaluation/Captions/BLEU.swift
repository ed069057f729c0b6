internal import Foundation

/// What an image's caption adds to BLEU (Papineni et al., 2002), which is a figure of all captions together and no mean over them.
struct BLEUCounts: Equatable {
  /// Runs of one to four words that a reference has too, each at most as often as the reference that has it most often.
  private(set) var correct = [Int](repeating: 0, count: WordRuns.longest)
  /// Runs that the caption has.
  private(set) var guessed = [Int](repeating: 0, count: WordRuns.longest)
  private(set) var length = 0
  /// Of the reference whose length is closest to the caption's; of two as close the shorter.
  private(set) var closestLength = 0

  init() {}

  init(_ caption: CountedCaption, _ references: [CountedCaption]) {
    length = caption.words.count
    closestLength = references.map(\.words.count).min { (abs($0 - length), $0) < (abs($1 - length), $1) } ?? 0
    for order in 0..<WordRuns.longest {
      guessed[order] = max(0, length - order)
      var most = [Int32](repeating: 0, count: caption.runs[order].count)
      for reference in references {
        var place = 0
        eachShared(caption.runs[order], reference.runs[order]) { run, own, theirs in
          while caption.runs[order][place].run != run { place += 1 }
          most[place] = max(most[place], min(own, theirs))
        }
      }
      correct[order] = most.reduce(0) { $0 + Int($1) }
    }
  }

  /// Counts the same caption so many times.
  mutating func add(_ other: BLEUCounts, times: Int) {
    for order in 0..<WordRuns.longest {
      correct[order] += times * other.correct[order]
      guessed[order] += times * other.guessed[order]
    }
    length += times * other.length
    closestLength += times * other.closestLength
  }

  /// BLEU-1 to BLEU-4, shares of 1: the geometric mean of the precisions up to an order, less for captions that are shorter than their
  /// references. Without any smoothing but for the numbers by which the reference program avoids dividing by zero.
  var scores: [Double] {
    let (tiny, small) = (1e-15, 1e-9)
    let ratio = (Double(length) + tiny) / (Double(closestLength) + small)
    let brevity = ratio < 1 ? exp(1 - 1 / ratio) : 1
    var product = 1.0
    return (0..<WordRuns.longest).map { order in
      product *= (Double(correct[order]) + tiny) / (Double(guessed[order]) + small)
      return pow(product, 1 / Double(order + 1)) * brevity
    }
  }
}
