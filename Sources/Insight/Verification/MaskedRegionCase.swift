internal import Models
internal import Objectives
internal import TensorEngine

/// What masked regions are. The features hide them already, or the model does; text i meets image i, and the rows go by image, then
/// by place.
struct MaskedRegionCase: CasePart {
  static let inputs = JointCase.inputs + [labels, distributions, features]
  static let results = forms.map(\.name)
  static let weights = Dictionary(
    uniqueKeysWithValues: forms.compactMap { form in form.form == .loss ? nil : (form.name, Float(0)) })

  /// 1 where a region is asked for, and -1 elsewhere [B, R]; a region that stands for the whole image has no place here.
  private static let labels = CaseRun.regionLabels
  /// [B, R, C], and [B, R, F]; without these features are those that the model reads.
  private static let (distributions, features) = ("input.region_targets", "input.region_feature_targets")

  private enum Form {
    /// What the model says.
    case told
    case loss
    /// The same as the other authors scale it.
    case lossPerRegion
    /// What each number, or each region, adds to it.
    case elements
  }

  private static let forms: [(name: String, target: MaskedRegionTarget, form: Form)] = [
    ("output.region_logits", .distribution, .told), ("output.region_regression", .features, .told),
    ("loss.region_kl", .distribution, .loss), ("loss.region_kl_per_region", .distribution, .lossPerRegion),
    ("loss.region_kl_elements", .distribution, .elements), ("loss.region_class", .classes, .loss),
    ("loss.region_class_elements", .classes, .elements), ("loss.region_feature", .features, .loss),
    ("loss.region_feature_elements", .features, .elements), ("output.region_pixels", .pixels, .told),
    ("loss.region_pixels", .pixels, .loss),
  ]

  private let model: any MaskedRegionModel

  init?(_ model: any Model) {
    guard let model = model as? any MaskedRegionModel else { return nil }
    self.model = model
  }

  func result(_ name: String, of run: CaseRun) throws -> Tensor {
    guard let (_, target, form) = Self.forms.first(where: { $0.name == name }) else {
      preconditionFailure("no head gives \(name)")
    }
    let joint = try run.joint(model, for: name)
    let images = try run.imageInput(for: name)
    let places = try places(images, name, run)
    let states = model.states(ofRegions: places, in: joint, run.tape)
    guard let told = target.told(by: model, states, run.tape) else {
      throw run.mistaken(name, "is of a head that this model has not")
    }
    guard form != .told else { return told }
    let targets = try targets(target, images, places, columns: told.columns, name, run)
    guard form != .elements else { return elements(target, told, targets, run.tape.engine) }
    return target.loss(
      told, targets: targets, regions: told.rows,
      per: form == .lossPerRegion ? .region : target.usualScale(model), run.tape)
  }

  private func elements(_ target: MaskedRegionTarget, _ told: Tensor, _ targets: Tensor, _ engine: Engine) -> Tensor {
    switch target {
    case .features, .pixels: engine.squaredErrors(told, targets: targets)
    case .classes: engine.crossEntropies(told, targets: likeliestClasses(targets))
    case .distribution: engine.divergences(told, targets: targets)
    }
  }

  /// Of each image those that are asked for.
  private func places(_ images: ImageInput, _ name: String, _ run: CaseRun) throws -> [[Int]] {
    let places = try run.labelledPlaces(in: images, of: model, for: name)
    guard places.contains(where: { !$0.isEmpty }) else {
      throw run.mistaken(Self.labels, "is 1 nowhere, so no region is asked for")
    }
    return places
  }

  /// What the masked regions are [K, columns]: as the file has it, or as the model reads it where nothing is hidden.
  private func targets(
    _ target: MaskedRegionTarget, _ images: ImageInput, _ places: [[Int]], columns: Int, _ name: String, _ run: CaseRun
  ) throws -> Tensor {
    let engine = run.tape.engine
    switch target {
    case .features where run.has(Self.features): return try targets(Self.features, places, columns, name, run)
    case .classes, .distribution: return try targets(Self.distributions, places, columns, name, run)
    case .features:
      if let found = model.features(of: images, at: places, engine) { return found }
    case .pixels:
      if let found = model.pixels(of: images, at: places, engine) { return found }
    }
    throw run.mistaken(name, "is of what this model does not read")
  }

  private func targets(
    _ input: String, _ places: [[Int]], _ columns: Int, _ name: String, _ run: CaseRun
  ) throws -> Tensor {
    let slots = try run.shape(Self.labels, [places.count, nil], for: name)[1]
    let all = try run.floats(input, [places.count, slots, columns], for: name)
    return run.tape.gatherRows(
      all, places.enumerated().flatMap { image, places in places.map { image * slots + $0 } })
  }
}
