public import Models
public import Objectives

/// What a run is for, as a configuration says it: one property for each key below `task`.
public struct TaskSettings: Sendable, Equatable {
  /// One of `TaskCatalogue.names`.
  public var name: String
  /// The label that is told; nil takes the only one that the data have.
  public var label: String?
  /// What is looked at: `image`, `text` for a caption, `text:NAME` for another text.
  public var inputs = ["image"]
  /// Whether a sample may have several classes, or none.
  public var isSeveral = false
  /// The share of a target that goes to all classes alike.
  public var smoothing = 0.0
  public var weights = ClassWeights.none
  public var sampling = Sampling.uniform
  /// How answers are told.
  public var answerForm = AnswerForm.list
  /// Most answers that are told apart.
  public var mostAnswers = 3129
  /// A file with the answers that are told, one a line; nil takes those of the model, or of the data.
  public var answersFile: String?
  /// A modality that is hidden, to know what the other one tells alone.
  public var blind: Modality?

  /// What captions begin with that a decoder is given, and need not foretell; nil for nothing.
  public var prompt: String?

  /// How what is looked at is kept in balance.
  public var balance = BalanceSettings()

  public init(name: String) { self.name = name }

  /// How answers are told.
  public enum AnswerForm: String, CaseIterable, Sendable {
    /// By a head that tells those of a list apart.
    case list
    /// A decoder writes them.
    case open
    /// The decoder says which of a list is likeliest.
    case ranked
  }

  /// How much a sample's loss counts.
  public enum ClassWeights: String, CaseIterable, Sendable {
    /// As much as any other's.
    case none
    /// The less the more samples its class has: all classes count the same.
    case balanced
  }

  /// How often a sample is drawn.
  public enum Sampling: String, CaseIterable, Sendable {
    /// Once an epoch.
    case uniform
    /// The less often the more samples its class has: all classes are drawn equally often.
    case balanced
    /// The less often the more samples its group has (`objective.group_by`): all groups are drawn equally often.
    case groups
    /// The oftener the fewer samples have all that is looked at: those with what is scarce and those without are drawn equally often.
    case scarce
  }
}

/// What a task cannot do with its settings.
public struct TaskFlaw: Equatable, Sendable {
  /// Of a configuration.
  public let key: String
  /// In words, with what to do.
  public let words: String

  init(_ key: String, _ words: String) { (self.key, self.words) = (key, words) }

  /// Of a task that knows no classes.
  static func classSampling(_ settings: TaskSettings) -> TaskFlaw? {
    settings.sampling == .balanced || settings.sampling == .scarce
      ? TaskFlaw(
        "task.sampling",
        "\(settings.name) has no \(settings.sampling == .balanced ? "classes" : "inputs that a sample may lack") to draw equally often; "
          + "set it to uniform or groups") : nil
  }
}
