package import Batching
internal import Collectives
public import Models
public import TensorEngine

/// What is asked of hidden regions, as an objective of its own: each kind has its weight, and a mix may hold several.
public protocol MaskedRegionKind: SendableMetatype {
  static var target: MaskedRegionTarget { get }
  static var summary: String { get }
  static var part: ModelPart { get }
  static var otherNames: [String] { get }
}

public enum MaskedRegionFeatures: MaskedRegionKind {
  public static let target = MaskedRegionTarget.features
  public static let summary = "The features of hidden regions (MRFR), told from the text and the other regions."
  public static let part = ModelPart.regionFeatures
  public static let otherNames = ["mrfr"]
}

public enum MaskedRegionClasses: MaskedRegionKind {
  public static let target = MaskedRegionTarget.classes
  public static let summary = "The likeliest class of hidden regions (MRC)."
  public static let part = ModelPart.regionClasses
  public static let otherNames = ["mrc"]
}

public enum MaskedRegionDistribution: MaskedRegionKind {
  public static let target = MaskedRegionTarget.distribution
  public static let summary = "The probabilities of hidden regions' classes (MRC-KL)."
  public static let part = ModelPart.regionClasses
  public static let otherNames = ["mrckl", "mrc_kl", "mrc-kl"]
}

public enum MaskedRegionPixels: MaskedRegionKind {
  public static let target = MaskedRegionTarget.pixels
  public static let summary = "The normalised pixels of hidden patches."
  public static let part = ModelPart.regionPixels
  public static let otherNames = ["mpp", "mim"]
}

/// What were the regions that are hidden? The image is read once more without them, meets its text, and the joint states at their
/// places say what they were (Chen et al., "UNITER", 2020, §3.2; Lu et al., "ViLBERT", 2019, §3.2).
public struct MaskedRegionObjective<Kind: MaskedRegionKind>: Objective {
  public static var name: String { "masked_regions." + Kind.target.rawValue }
  public static var summary: String { Kind.summary }
  public static var otherNames: [String] { Kind.otherNames }
  public static var needs: [ModelPart] { [Kind.part] }
  public static var looksAtFeaturesOnly: Bool { false }
  public static var comparesPairs: Bool { false }
  public static var hidesImages: Bool { true }

  private let model: any MaskedRegionModel
  private let settings: MaskedRegionSettings
  private let seed: UInt64

  /// All kinds of a step look at the same joint states.
  public static func joinings(_ settings: ObjectiveSettings, hasFeatures: Bool) -> Int {
    let first = ObjectiveCatalogue.all.first { $0.hidesImages && settings[$0.name] != 0 }
    return first?.name == name ? 1 : 0
  }

  public init?(_ context: ObjectiveContext) {
    // A model that has the head is the same with it.
    guard let model = context.model as? any MaskedRegionModel,
      model.description.with(Kind.part)?.isEqual(to: model.description) == true
    else { return nil }
    (self.model, settings, seed) = (model, context.settings.maskedRegions, context.seed)
  }

  /// This rank's share of the mean over the hidden regions of all ranks, or over their numbers.
  public func loss(_ states: BatchStates, _ tape: Tape) throws -> Tensor {
    let hidden = try states.hiddenRegions(model, settings, seed: seed, tape)
    guard let told = Kind.target.told(by: model, hidden.states, tape),
      let targets = targets(states.batch, hidden.masked.asked, columns: told.columns, tape.engine)
    else { preconditionFailure("\(model.description.name) has no \(Kind.part.rawValue)") }
    return Kind.target.loss(
      told, targets: targets, regions: max(hidden.count, 1),
      per: settings.scale ?? Kind.target.usualScale(model), tape)
  }

  private func targets(_ batch: StepBatch, _ places: [[Int]], columns: Int, _ engine: Engine) -> Tensor? {
    switch Kind.target {
    case .features: model.features(of: batch.images, at: places, engine)
    case .pixels: model.pixels(of: batch.images, at: places, engine)
    case .classes, .distribution:
      engine.classProbabilities(batch.columns.regions ?? [], at: places, classes: columns)
    }
  }
}

/// What all kinds of a step look at.
struct HiddenRegions {
  let masked: MaskedRegions
  /// Regions that are asked for, of the global batch.
  let count: Int
  /// [K, W]: of this rank's.
  let states: Tensor
}

extension BatchStates {
  /// The batch's own pairs with some regions hidden, joined once however many objectives look at them; collective when it is asked
  /// for first.
  func hiddenRegions(
    _ model: any MaskedRegionModel, _ settings: MaskedRegionSettings, seed: UInt64, _ tape: Tape
  ) throws -> HiddenRegions {
    if let hidden { return hidden }
    let masked = MaskedRegions(model.boxesOfRegions(in: batch.images), settings, batch.names(seed: seed))
    let made = HiddenRegions(
      masked: masked, count: try communicator.sum(masked.count, "count of hidden regions"),
      states: model.states(of: masked, batch.images, texts, tape))
    hidden = made
    return made
  }
}

extension Engine {
  /// The probabilities of classes of some regions of each sample [K, C]. The loader has checked that there are so many.
  package func classProbabilities(_ samples: [RegionFeatures?], at places: [[Int]], classes: Int) -> Tensor {
    let chosen = zip(samples, places).flatMap { regions, places in places.map { (regions?.probabilities, $0) } }
    let made = tensor([chosen.count, classes])
    made.withMutableValues { values in
      for (row, (probabilities, place)) in chosen.enumerated() {
        guard let probabilities, probabilities.count >= (place + 1) * classes else {
          preconditionFailure("a region without the probabilities of \(classes) classes")
        }
        for number in 0..<classes {
          values[row * classes + number] = Float(Float16(bitPattern: probabilities[place * classes + number]))
        }
      }
    }
    return made
  }
}
