internal import Evaluation
internal import Foundation

/// How sure a model has to be that the share of its mistakes stays below a target: a promise on what comes, with a doubt.
///
/// Levels of confidence are tried in an order that nobody has chosen by looking at mistakes, from the surest down, each with all its
/// doubt; the first that cannot be promised ends it (fixed-sequence testing; Angelopoulos et al., "Learn then Test", 2021). Where a level
/// takes m samples, k of them wrong, it can be promised if k or fewer would come of m with at most that doubt at the target. The first
/// level is the one that takes as many as a promise needs that finds no mistake.
public struct RefusalThreshold: Codable, Equatable, Sendable {
  /// The share of mistakes that is aimed at, and how often the promise may be wrong.
  public var risk: Double
  public var doubt: Double
  /// All samples, and those that the level takes, or where none can be promised those of the first level.
  public var samples: Int
  public var taken: Int
  /// Mistakes among the taken ones.
  public var mistakes: Int
  /// The highest share of mistakes that these allow with the doubt: Clopper and Pearson's limit.
  public var limit: Double
  /// The least confidence that is taken; nil where nothing can be promised.
  public var confidence: Double?
  /// How many samples a promise takes at least.
  public var needed: Int

  /// - Parameters:
  ///   - confidences, isRight: of each sample.
  ///   - risk, doubt: between 0 and 1.
  public init(_ confidences: [Double], _ isRight: [Bool], risk: Double, doubt: Double) {
    (self.risk, self.doubt, samples) = (risk, doubt, confidences.count)
    needed = BinomialLimits.faultlessNeeded(share: risk, doubt: doubt)
    let levels = Self.levels.map { level in
      let places = confidences.indices.filter { confidences[$0] >= level }
      return (level, taken: places.count, mistakes: places.count { !isRight[$0] })
    }
    let tried = levels.drop { [needed] in $0.taken < needed }
    let promised = tried.prefix { BinomialLimits.atMost($0.mistakes, of: $0.taken, share: risk) <= doubt }
    let shown = promised.last ?? tried.first ?? levels[levels.count - 1]
    confidence = promised.last?.0
    (taken, mistakes) = (shown.taken, shown.mistakes)
    limit = taken == 0 ? 1 : BinomialLimits.upper(mistakes, of: taken, doubt: doubt)
  }

  /// Of odds from e¹² down to e⁻⁷ in equal steps of their logarithm, then everything.
  private static let levels: [Double] = (0...190).map { 1 / (1 + exp(Double($0) / 10 - 12)) } + [0]

  /// The share of samples that is taken.
  public var coverage: Double { samples == 0 ? 0 : Double(taken) / Double(samples) }

  /// Why nothing can be promised; nil where something is.
  public var shortfall: Shortfall? {
    confidence != nil ? nil : samples < needed ? .needs(samples: needed) : .mistakes
  }

  public enum Shortfall: Equatable, Sendable {
    /// Not enough data, whatever they are.
    case needs(samples: Int)
    /// Too many mistakes among the surest.
    case mistakes
  }
}
