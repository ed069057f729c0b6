/// What a model makes of its modalities together. In percent, or percent points of accuracy, where nothing else is said.
public struct FusionMetrics: Codable, Equatable, Sendable {
  public var samples: Int
  public var modalities: [String]
  /// What stands in the place of an absent modality.
  public var absence: String
  /// Of each set of modalities.
  public var missing: [FusionRow]
  /// Of each modality by itself.
  public var byModality: [ModalityRow]
  /// v(all) less what the modalities bring one by one: above 0 where they need each other, below where each brings what the other does. Of
  /// two modalities v(12) − v(1) − v(2) + v(∅).
  public var cooperation: FusionFigure
  /// The accuracy with all less that of what may only add up, and on how many samples.
  public var interaction: FusionFigure?
  public var interactionSamples: Int?
  /// How often the answer stays the same under a change that should change nothing.
  public var consistency: [FusionRow]
  /// How often image and text were put together for all of this.
  public var joined: Int
  /// What is not said, and why.
  public var unsaid: [String]

  enum CodingKeys: String, CodingKey {
    case samples, modalities, absence, missing, cooperation, interaction, consistency, joined, unsaid
    case byModality = "by_modality"
    case interactionSamples = "interaction_samples"
  }

  /// - Throws: `EvaluationError` where the parts do not fit each other, or no class is known.
  public init(_ scores: FusionScores, hasIntervals: Bool = false) throws(EvaluationError) {
    try scores.check()
    let columns = try FusionColumns(scores)
    let bootstrap = hasIntervals ? ClusterBootstrap(ImageClusters(columns.clusters)) : nil
    func figure(_ value: @escaping ([Int]) -> Double) -> FusionFigure? { FusionFigure(columns.count, bootstrap, value) }
    let (count, nothing) = (scores.modalities.count, FusionFigure(value: 0))
    (samples, modalities, absence) = (columns.count, scores.modalities, scores.absence)
    (joined, unsaid) = (scores.joined, scores.unsaid)
    missing = (0..<(1 << count)).reversed().map { set in
      let names = (0..<count).filter { set & 1 << $0 != 0 }.map { scores.modalities[$0] }
      return FusionRow(
        name: names.joined(separator: " + "), figure: figure { columns.accuracy(of: set, $0) } ?? nothing)
    }
    byModality = (0..<count).map { modality in
      ModalityRow(
        modality: scores.modalities[modality],
        perceptual: figure { columns.perceptual(modality, $0) },
        perceptualShare: figure { 100 * columns.perceptual(modality, $0) / columns.accuracy(of: (1 << count) - 1, $0) },
        perceptualWithinClass: figure { columns.perceptualWithinClass(modality, $0) },
        changedByOther: figure { columns.changedByOther(modality, $0) },
        shapley: figure { columns.shapley(modality, $0) },
        shapleyShare: figure { columns.shapleyShare(modality, $0) },
        agreement: figure { columns.agreement(modality, $0) })
    }
    cooperation = figure(columns.cooperation) ?? nothing
    interaction = figure(columns.interaction)
    interactionSamples = columns.additiveCount
    consistency = columns.changed.compactMap { change in
      figure { columns.mean(ofKnown: change.same, $0) }.map {
        FusionRow(name: change.name, samples: change.same.count { $0 != nil }, figure: $0)
      }
    }
  }
}

/// A figure with its interval, `[low, high]`, where that was asked for.
public struct FusionFigure: Codable, Equatable, Sendable {
  public var value: Double
  public var interval: Interval?

  init(value: Double) { self.value = value }

  /// Nil where it has no value.
  /// - Parameter figure: what it is where sample i is there `times[i]` times: of pairs, as all parts are of the same samples.
  init?(_ samples: Int, _ bootstrap: ClusterBootstrap?, _ figure: ([Int]) -> Double) {
    value = figure([Int](repeating: 1, count: samples))
    guard value.isFinite else { return nil }
    let key = FigureKey("value")
    interval = bootstrap?.intervals([key]) { [figure($0)] }[key.stringValue]
  }
}

/// A figure with a name from the data.
public struct FusionRow: Codable, Equatable, Sendable {
  /// Of a set of modalities, empty for none; of a change.
  public var name: String
  /// How many samples it is of, where that is not all.
  public var samples: Int?
  public var figure: FusionFigure
}

/// What one modality does.
public struct ModalityRow: Codable, Equatable, Sendable {
  public var modality: String
  /// How much accuracy is lost with another sample's: the perceptual score (Gat, Schwartz and Schwing, NeurIPS 2021), and as a percentage
  /// of the accuracy.
  public var perceptual: FusionFigure?
  public var perceptualShare: FusionFigure?
  /// The same with another sample of the same class: whether it needs this one.
  public var perceptualWithinClass: FusionFigure?
  /// How often something else is said with another sample's.
  public var changedByOther: FusionFigure?
  /// What it brings on average over the orders in which modalities may join (Shapley, 1953; Hu, Li and Zhou, SHAPE, 2022), and its share
  /// of what all bring.
  public var shapley: FusionFigure?
  public var shapleyShare: FusionFigure?
  /// How often the model says with it alone what it says with all.
  public var agreement: FusionFigure?

  enum CodingKeys: String, CodingKey {
    case modality, perceptual, shapley, agreement
    case perceptualShare = "perceptual_share"
    case perceptualWithinClass = "perceptual_within_class"
    case changedByOther = "changed_by_other"
    case shapleyShare = "shapley_share"
  }
}
