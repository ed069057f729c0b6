internal import Collectives
internal import Layers
public import Models
public import TensorEngine

/// InfoNCE between each two of three modalities, with a learned temperature each: the mean over the pairs of modalities that somebody in
/// the global batch has both of, of ½ (a→b + b→a), each a mean over the samples of all ranks that have both. What lacks one of a pair
/// leaves the other's candidates too, so that a loss does not grow with what is absent. (AudioCLIP adds the pairs up: Guzhov et al.,
/// 2022, §3.2.)
public struct PairwiseObjective: Objective {
  public static let name = "pairwise"
  public static let summary =
    "InfoNCE between each two of image, text and clip, over the samples of the global batch that have both."
  public static let usualWeight = 1.0
  public static let needs = [ModelPart.pairwiseFeatures]
  public static let looksAtFeaturesOnly = true
  public static let isComputedInParts = false
  public static let readsWhatIsThere = true

  private let model: any PairwiseFeatureModel
  private let communicator: any Communicator
  private let counts = PairwiseWatch()

  public init?(_ context: ObjectiveContext) {
    guard let model = context.model as? any PairwiseFeatureModel else { return nil }
    (self.model, communicator) = (model, context.communicator)
  }

  public var watch: (any ObjectiveWatch)? { counts }

  public func loss(_ states: BatchStates, _ tape: Tape) throws -> Tensor {
    let (sides, numbers) = try sides(states, tape)
    var losses: [(Float, Tensor)] = []
    for (pair, count) in zip(ModalityPair.all, numbers.pairs) where count > 0 {
      // Known to all ranks alike, so that all look at the same pairs.
      let (first, second) = (sides[pair.first], sides[pair.second])
      guard let first, let second else { preconditionFailure("features of \(pair.words) that nobody has made") }
      let loss = loss(first, second, numbers.both(pair), model.logitScale(of: pair).tensor, states, tape)
      losses.append((1 / Float(numbers.pairs.count { $0 > 0 }), loss))
    }
    counts.take(numbers.pairs)
    return losses.isEmpty ? tape.engine.scalar(0) : tape.weightedSum(losses)
  }

  /// Of the samples that have both.
  private func loss(
    _ first: Side, _ second: Side, _ both: [Int], _ scale: Tensor, _ states: BatchStates, _ tape: Tape
  ) -> Tensor {
    let own = both.indices.filter { states.batch.layout.local.contains(both[$0]) }
    let start = own.first ?? both.firstIndex { $0 >= states.batch.layout.local.upperBound } ?? both.count
    let rows = { (side: Side) in tape.gatherRows(side.all, both.map { side.rows[$0] }) }
    let local = { (side: Side) in tape.gatherRows(side.all, own.map { side.rows[both[$0]] }) }
    return tape.contrastiveLoss(
      image: local(first), text: local(second), allImages: rows(first), allTexts: rows(second), logitScale: scale,
      first: start)
  }

  /// The features of a modality of all ranks' samples that have it.
  private struct Side {
    /// [n, D]
    let all: Tensor
    /// The row of each sample of the global batch; 0 where it has none.
    let rows: [Int]
  }

  /// Of each modality that somebody has. Collective.
  private func sides(
    _ states: BatchStates, _ tape: Tape
  ) throws -> (sides: [Modality: Side], numbers: PresentModalities) {
    let made = Modality.allCases.map { features(of: $0, states, tape) }
    try tape.throwFailure()
    let known = try PresentModalities(
      states.batch, learns: made.map { $0?.requiresGradient == true }, communicator)
    var sides: [Modality: Side] = [:]
    for (place, modality) in Modality.allCases.enumerated() where known.total(of: place) > 0 {
      // A rank where nobody has it takes part with no rows, and in the way back as the others do.
      let local =
        made[place] ?? tape.engine.tensor([0, model.featureWidth], requiresGradient: known.learns[place])
      let all = try tape.gatherRanks(
        local, counts: known.counts(of: place, states.batch.layout), communicator, "\(modality.rawValue) features")
      sides[modality] = Side(all: all, rows: known.rows(of: place))
    }
    return (sides, known)
  }

  /// [n, D], of this rank's samples that have it; nil where none has.
  private func features(of modality: Modality, _ states: BatchStates, _ tape: Tape) -> Tensor? {
    guard let encoding = states.encoding(of: modality) else { return nil }
    let places = states.batch.places(of: modality).compactMap(\.self)
    let all = model.features(encoding, of: modality, tape)
    return places.elementsEqual(0..<all.rows) ? all : tape.gatherRows(all, places)
  }
}

/// Who has what, over all ranks.
private struct PresentModalities {
  /// Of each sample of the global batch a bit a modality.
  private let bits: [UInt8]
  /// Whether something is learnt from a modality's features.
  let learns: [Bool]
  /// Samples that have both, in the order of `ModalityPair.all`.
  let pairs: [Int]

  /// Collective.
  init(_ batch: StepBatch, learns: [Bool], _ communicator: any Communicator) throws {
    var own = [UInt8](repeating: 0, count: batch.count)
    for (place, modality) in Modality.allCases.enumerated() {
      for (sample, found) in batch.places(of: modality).enumerated() where found != nil { own[sample] |= 1 << place }
    }
    bits = try gatherOverRanks(own, communicator, "modalities of the samples")
    let flags = learns.enumerated().reduce(UInt8(0)) { $0 | ($1.element ? 1 << $1.offset : 0) }
    let all = try gatherOverRanks([flags], communicator, "modalities that are learnt")
    self.learns = learns.indices.map { place in all.contains { $0 & 1 << place != 0 } }
    let known = bits
    pairs = ModalityPair.all.map { pair in known.count { Self.has($0, pair) } }
  }

  private static func has(_ bits: UInt8, _ pair: ModalityPair) -> Bool {
    Modality.allCases.enumerated().allSatisfy { !pair.contains($0.element) || bits & 1 << $0.offset != 0 }
  }

  /// The samples of the global batch that have both.
  func both(_ pair: ModalityPair) -> [Int] { bits.indices.filter { Self.has(bits[$0], pair) } }

  func total(of place: Int) -> Int { bits.count { $0 & 1 << place != 0 } }

  /// Of each rank.
  func counts(of place: Int, _ layout: BatchLayout) -> [Int] {
    var first = 0
    return layout.counts.map { count in
      defer { first += count }
      return bits[first..<first + count].count { $0 & 1 << place != 0 }
    }
  }

  /// Of each sample its place among those that have it; 0 where it has none.
  func rows(of place: Int) -> [Int] {
    var next = 0
    return bits.map { bits in
      guard bits & 1 << place != 0 else { return 0 }
      defer { next += 1 }
      return next
    }
  }
}

/// How many samples of a step have both of each pair.
private final class PairwiseWatch: ObjectiveWatch {
  private var pairs: [Int] = []
  private var found = [Bool](repeating: false, count: ModalityPair.all.count)
  private var steps = 0
  private var isTold = false

  /// Steps without anybody after which it is said.
  private static let patience = 20

  func take(_ pairs: [Int]) { self.pairs = pairs }

  var figures: [(name: String, value: Double)] { zip(ModalityPair.all, pairs).map { ($0.name, Double($1)) } }

  func accept() {
    steps += 1
    for (place, count) in pairs.enumerated() where count > 0 { found[place] = true }
  }

  func takeWarnings() -> [String] {
    guard steps >= Self.patience, !isTold else { return [] }
    isTold = true
    let absent = zip(ModalityPair.all, found).filter { !$1 }.map(\.0.words)
    guard !absent.isEmpty else { return [] }
    return [
      "in \(steps) steps no sample had both of \(absent.joined(separator: ", and of ")): nothing is learnt of these pairs; prepare "
        + "data that have both, or name a model of two modalities"
    ]
  }
}
