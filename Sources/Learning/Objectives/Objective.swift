public import Collectives
public import Models
public import TensorEngine
public import Tokenization

/// A loss of the global batch, of which every rank computes its share. A file each; `ObjectiveCatalogue` lists them.
public protocol Objective: SendableMetatype {
  /// What a configuration calls its weight, below `objective`, and metrics its value.
  static var name: String { get }
  /// What it is, in a sentence.
  static var summary: String { get }
  /// What a model must have for it.
  static var needs: [ModelPart] { get }
  /// Whether it looks at features alone: then a batch may be computed in parts, and the last blocks for pooled tokens only.
  static var looksAtFeaturesOnly: Bool { get }
  /// Whether a batch may be computed in parts, one after the other.
  static var isComputedInParts: Bool { get }
  /// Whether it learns from samples that lack some of what the model reads, by what they have.
  static var readsWhatIsThere: Bool { get }
  /// Whether it learns from wrong pairs, so that a batch of one has nothing for it.
  static var comparesPairs: Bool { get }
  /// Whether it hides parts of images: then what an encoder makes of whole ones is not enough.
  static var hidesImages: Bool { get }
  /// Whether its loss is a mean over samples, each of which has one of its own: then those of a group can count more than others.
  static var weighsSamples: Bool { get }
  /// Whether a sample's loss hangs on nothing but the sample: then one that is taken alone has the loss that it has among others.
  static var isOfSingleSamples: Bool { get }
  /// The objective whose pairs it looks at too: where one is drawn a step, both are drawn together. Nil for one that is drawn by
  /// itself.
  static var companion: (any Objective.Type)? { get }
  /// For each pair of the batch the pairs that it joins.
  /// - Parameter hasFeatures: of the model.
  static func joinings(_ settings: ObjectiveSettings, hasFeatures: Bool) -> Int
  /// Its weight where a configuration says nothing and the model has what it needs of its own.
  static var usualWeight: Double { get }
  /// What other programs call it.
  static var otherNames: [String] { get }
  /// The configuration's keys that mean something to it alone.
  static var keys: [String] { get }
  /// Whether captions that it writes are scored beside what people said of the photos: then it needs their captions of the split that
  /// is trained on, and a model that writes already.
  static var readsReferences: Bool { get }
  /// Whether its value is above or below 0 as it happens, so that a large one says nothing of a batch that is spoilt.
  static var swings: Bool { get }
  /// What a vocabulary lacks for it, in words; nil where nothing.
  static func lack(of vocabulary: MaskingVocabulary?) -> String?
  /// What a model must have for it as it is set.
  static func needs(_ settings: ObjectiveSettings) -> [ModelPart]
  /// What to set where a model cannot have a part; nil where nothing helps.
  static func advice(on part: ModelPart) -> String?

  /// What it makes do with in a vocabulary, in words; nil where it has all that it wants.
  static func remark(on vocabulary: MaskingVocabulary) -> String?

  /// Nil where the model lacks what it needs.
  init?(_ context: ObjectiveContext)

  /// Whether of this model it looks at features or pooled states alone.
  var looksAtPooledStatesOnly: Bool { get }

  /// Whether it changes nothing but what it measures with: its value is told, and no part of the loss.
  var onlyMeasures: Bool { get }
  /// Whether it is of single modalities, whose gradient some balance of modalities needs apart.
  var isOfSingleModalities: Bool { get }

  /// What is known of its steps beside the loss; nil where nothing is.
  var watch: (any ObjectiveWatch)? { get }

  /// This rank's share: the shares of all ranks add up to the loss of the global batch.
  func loss(_ states: BatchStates, _ tape: Tape) throws -> Tensor
}

extension Objective {
  public var looksAtPooledStatesOnly: Bool { Self.looksAtFeaturesOnly }
  public static var isComputedInParts: Bool { looksAtFeaturesOnly }
  public static var readsWhatIsThere: Bool { false }
  public static var comparesPairs: Bool { true }
  public static var hidesImages: Bool { false }
  public static var weighsSamples: Bool { false }
  public static var isOfSingleSamples: Bool { false }
  public static var companion: (any Objective.Type)? { nil }
  public static var usualWeight: Double { 0 }
  public static func joinings(_ settings: ObjectiveSettings, hasFeatures: Bool) -> Int { looksAtFeaturesOnly ? 0 : 1 }
  public static var otherNames: [String] { [] }
  public static var keys: [String] { [] }
  public static var readsReferences: Bool { false }
  public static var swings: Bool { false }
  public var onlyMeasures: Bool { false }
  public var isOfSingleModalities: Bool { false }
  public var watch: (any ObjectiveWatch)? { nil }
  public static func lack(of vocabulary: MaskingVocabulary?) -> String? { nil }
  public static func needs(_ settings: ObjectiveSettings) -> [ModelPart] { needs }
  public static func advice(on part: ModelPart) -> String? { nil }
  public static func remark(on vocabulary: MaskingVocabulary) -> String? { nil }
}

extension Objective {
  /// Objectives with the same name for it look at the same joint states, or at features alone.
  static var meeting: String {
    looksAtFeaturesOnly ? "features" : hidesImages ? "hidden images" : companion?.meeting ?? name
  }

  /// What to say where a model cannot have what it needs.
  public static func words(onLackIn description: any ModelDescription, _ settings: ObjectiveSettings) -> String {
    description.words(onLacking: needs(settings), advice: advice)
  }
}

/// What is known of an objective's steps beside its loss, of the global batch: the same on all ranks. One for all steps.
public protocol ObjectiveWatch: AnyObject {
  /// Of the last loss that was computed.
  var figures: [(name: String, value: Double)] { get }
  /// The gradient of the last loss was used.
  func accept()
  /// What goes wrong and was not said before, with what to do, a sentence each.
  func takeWarnings() -> [String]
}

/// What objectives are made with.
public struct ObjectiveContext {
  public let model: any Model
  /// What the task has put on it.
  public let head: (any TaskHead)?
  public let settings: ObjectiveSettings
  /// The task's, each with weight 1.
  let ofTask: [any Objective.Type]
  /// Of the model's tokenizer; nil where there is none, as in a benchmark.
  public let vocabulary: MaskingVocabulary?
  /// How samples of groups count in the task's loss; nil where all count alike.
  public let groups: GroupLosses?
  /// How modalities are kept in balance; nil where nobody asks.
  public let balance: ModalityBalance?
  /// What captions that are written are worth; nil where nobody asks.
  public let rewards: PhotoRewards?
  /// Names random choices.
  public let seed: UInt64
  public let communicator: any Communicator

  public init(
    _ model: any Model, head: (any TaskHead)? = nil, _ settings: ObjectiveSettings,
    ofTask: [any Objective.Type] = [], vocabulary: MaskingVocabulary? = nil, groups: GroupLosses? = nil,
    balance: ModalityBalance? = nil, rewards: PhotoRewards? = nil, seed: UInt64, _ communicator: any Communicator
  ) {
    (self.model, self.head, self.settings, self.ofTask) = (model, head, settings, ofTask)
    (self.vocabulary, self.groups, self.balance, self.rewards) = (vocabulary, groups, balance, rewards)
    (self.seed, self.communicator) = (seed, communicator)
  }
}

/// The part of a run's configuration that says what is learnt: one property for each key below `objective`.
public struct ObjectiveSettings: Sendable, Equatable {
  /// Of each objective, by its name; one that is not there has none.
  public private(set) var weights: [String: Double] = [:]
  /// The weight of the losses that a task has of its own; 0 leaves them out.
  public var ofTask = 1.0
  /// How several of them are taken together.
  public var mix = Mix.sum
  /// The cosine above which an unrelated pair costs.
  public var margin = 0.2
  /// The share of words that are masked.
  public var maskedShare = 0.15
  /// Whether words are masked whole, rather than token by token.
  public var masksWholeWords = false
  public var maskedRegions = MaskedRegionSettings()
  public var selfCritical = SelfCriticalSettings()
  /// How groups of samples count in the loss of a task.
  public var group = GroupSettings()
  /// Which wrong pairs are asked about; nil takes hard ones where the model has features to choose them by.
  public var negatives: Negatives?

  public enum Negatives: String, CaseIterable, Sendable {
    /// For each image a wrong text that looks right, and for each text such an image.
    case hard
    /// At even odds another image in the place of a text's own.
    case random
  }

  public enum Mix: String, CaseIterable, Sendable {
    /// The weighted sum of all, in every step.
    case sum
    /// One a step, drawn by the weights: the same on all ranks (Chen et al., "UNITER", 2020).
    case sampled
  }

  /// - Parameter weights: those that are not 0.
  public init(_ weights: [String: Double] = [:]) { for (name, weight) in weights { self[name] = weight } }

  /// The weight of an objective; 0 leaves it out.
  public subscript(_ name: String) -> Double {
    get { weights[name] ?? 0 }
    set { weights[name] = newValue == 0 ? nil : newValue }
  }

  /// What the objectives make do with in a vocabulary, a sentence each.
  public func remarks(on vocabulary: MaskingVocabulary) -> [String] {
    ObjectiveCatalogue.all.filter { self[$0.name] != 0 }.compactMap { $0.remark(on: vocabulary) }
  }

  /// Whether one of them looks at more than features: image and text meet then.
  public var looksAtTokens: Bool { ObjectiveCatalogue.all.contains { self[$0.name] != 0 && !$0.looksAtFeaturesOnly } }

  /// The one that scores captions beside what people said; nil where none does.
  public var readingReferences: (any Objective.Type)? {
    ObjectiveCatalogue.all.first { self[$0.name] != 0 && $0.readsReferences }
  }

  /// What to know where the model begins with weights that were drawn, a sentence each.
  public var remarksOnNoWeights: [String] {
    readingReferences.map { kind in
      [
        "WARNING: objective.\(kind.name) learns from captions that the model writes, and this one begins with weights that were drawn: train it by the "
          + "next token first, and begin from those weights (initialize.weights)"
      ]
    } ?? []
  }

  /// Whether one of them hides parts of images.
  public var hidesImages: Bool { ObjectiveCatalogue.all.contains { self[$0.name] != 0 && $0.hidesImages } }

  /// For each pair of the batch the pairs that are joined in a step: of all objectives together, or at most where one is drawn.
  public func joinings(_ model: any ModelDescription) -> Int {
    let counts = joiningsOfEach(model).map(\.count)
    return mix == .sum ? counts.reduce(0, +) : counts.max() ?? 0
  }

  /// Of these, the most whose way back is in memory at a time.
  public func joiningsAtOnce(_ model: any ModelDescription) -> Int {
    let counts = joiningsOfEach(model)
    return counts.map { one in counts.filter { $0.meeting == one.meeting }.reduce(0) { $0 + $1.count } }.max() ?? 0
  }

  private func joiningsOfEach(_ model: any ModelDescription) -> [(meeting: String, count: Int)] {
    let hasFeatures = model.with(.features) != nil
    return ObjectiveCatalogue.all.filter { self[$0.name] != 0 }.map {
      ($0.meeting, $0.joinings(self, hasFeatures: hasFeatures))
    }
  }
}
