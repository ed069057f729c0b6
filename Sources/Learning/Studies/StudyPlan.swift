public import Configuration

/// What a study compares: recipes that differ in what is stated, on the same seeds, by the same figures. Read from a YAML file
/// (docs/studies.md).
public struct StudyPlan: Sendable {
  /// A recipe of the study: what it sets beside the base.
  public struct Recipe: Sendable {
    public let name: String
    /// What it is, for people; empty where nobody says.
    public var title = ""
    public var settings: [ConfigurationSetting] = []
    /// The stage whose weights it begins with, of the same seed and data.
    public var stage: String?
    /// What of its budget and data may differ from the baseline's.
    public var differs: Set<StudyBudget> = []

    init(name: String) { self.name = name }
  }

  /// A figure of `evaluate --json` that is compared.
  public struct Figure: Sendable, Hashable {
    /// The way to it: `accuracy`, `written.bleu4`.
    public let figure: String
    /// What is taken away from every sample, by the names that `evaluate --without` knows.
    public var without: [String] = []
    public var isLowerBetter = false

    public init(figure: String) { self.figure = figure }

    /// As tables call it.
    public var name: String { figure + (without.isEmpty ? "" : " without " + without.joined(separator: " and ")) }
  }

  public let name: String
  /// What is to be found out.
  public var question = ""
  /// Configuration files below what the plan states.
  public var files: [String] = []
  public var base: [ConfigurationSetting] = []
  /// Prepared sets, each of which every variant is trained on; none leaves it to the base.
  public var sets: [String] = []
  public var seeds: [UInt64] = []
  /// What is trained before variants begin from it, and is not compared.
  public var stages: [Recipe] = []
  public var variants: [Recipe] = []
  public var baseline = ""
  /// What all variants must share with the baseline.
  public var budget: [StudyBudget] = [.samples]
  /// Each variant trains as many steps as take so long; nil trains as its configuration says.
  public var seconds: Double?
  /// What is measured on; nil for what is trained on.
  public var measuredSet: String?
  public var split = "test"
  /// The first decides.
  public var figures: [Figure] = []

  init(name: String) { self.name = name }

  /// What the seeds and sets make together, in the order in which they are trained: a whole block before the next.
  public var blocks: [StudyBlock] {
    seeds.flatMap { seed in
      sets.isEmpty ? [StudyBlock(seed: seed, set: nil)] : sets.map { StudyBlock(seed: seed, set: $0) }
    }
  }
}

/// What all variants of a study are trained with once: the random numbers and the data that make them a pair.
public struct StudyBlock: Sendable, Hashable {
  public let seed: UInt64
  /// A prepared set; nil for the base's.
  public let set: String?

  public init(seed: UInt64, set: String?) { (self.seed, self.set) = (seed, set) }
}

/// What variants may be made equal in.
public enum StudyBudget: String, Sendable, CaseIterable {
  /// Multiplications and additions of all training steps.
  case operations
  /// What a model has, whether it is trained or not.
  case parameters
  /// What is trained of it.
  case trained
  /// Samples that training sees, each as often as it does.
  case samples
  /// The data that are trained on: no number, they are the same or not.
  case data
}
