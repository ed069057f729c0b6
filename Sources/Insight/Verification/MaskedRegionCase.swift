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
  /// [B, R, C], and [B, R, F]; without these features are those that the model would read.
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
    ("loss.region_feature_elements", .features, .elements),
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
    let places = try places(joint, name, run)
    let states = run.tape.gatherRows(
      joint.images.states,
      places.masked.map { joint.images.offsets[$0.image] + model.tokensBeforeRegions + $0.place })
    guard let told = target.told(by: model, states, run.tape) else {
      throw run.mistaken(name, "is of a head that this model has not")
    }
    guard form != .told else { return told }
    let targets = try targets(target, places, columns: told.columns, name, run)
    guard form != .elements else { return elements(target, told, targets, run.tape.engine) }
    // Errors of features are means over all numbers, whoever publishes them.
    let usual = target == .features ? .element : model.publishedDivergence
    return target.loss(
      told, targets: targets, regions: told.rows, per: form == .lossPerRegion ? .region : usual, run.tape)
  }

  private func elements(_ target: MaskedRegionTarget, _ told: Tensor, _ targets: Tensor, _ engine: Engine) -> Tensor {
    switch target {
    case .features, .pixels: engine.squaredErrors(told, targets: targets)
    case .classes: engine.crossEntropies(told, targets: likeliestClasses(targets))
    case .distribution: engine.divergences(told, targets: targets)
    }
  }

  private typealias Places = (slots: Int, masked: [(image: Int, place: Int)])

  private func places(_ joint: JointStates, _ name: String, _ run: CaseRun) throws -> Places {
    let images = joint.images.count
    let slots = try run.shape(Self.labels, [images, nil], for: name)[1]
    let labels = try run.integers(Self.labels, [images, slots], in: -1..<2, for: name)
    let masked = labels.indices.filter { labels[$0] == 1 }.map { (image: $0 / slots, place: $0 % slots) }
    guard !masked.isEmpty else { throw run.mistaken(Self.labels, "is 1 nowhere, so no region is asked for") }
    for (image, place) in masked {
      let length = joint.images.offsets[image + 1] - joint.images.offsets[image] - model.tokensBeforeRegions
      guard place < length else {
        throw run.mistaken(Self.labels, "asks for region \(place) of image \(image), which has \(length)")
      }
    }
    return (slots, masked)
  }

  /// The targets of the masked regions [K, columns].
  private func targets(
    _ target: MaskedRegionTarget, _ places: Places, columns: Int, _ name: String, _ run: CaseRun
  ) throws -> Tensor {
    let labels = try run.shape(Self.labels, [nil, nil], for: name)
    let features = run.has(Self.features) ? Self.features : "input.regions"
    let all = try run.floats(
      target == .features ? features : Self.distributions, [labels[0], labels[1], columns], for: name)
    return run.tape.gatherRows(all, places.masked.map { $0.image * places.slots + $0.place })
  }
}
