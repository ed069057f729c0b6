internal import Models
internal import TensorEngine

/// What masked regions are. The features hide them already, text i meets image i, and the rows go by image, then by place.
struct MaskedRegionCase: CasePart {
  static let inputs = JointCase.inputs + [labels, distributions, features]
  static let results = [classes, divergence, regression, error]

  /// 1 where a region is asked for, and -1 elsewhere [B, R]; a region that stands for the whole image has no place here.
  private static let labels = "input.region_labels"
  /// [B, R, C], and [B, R, F]
  private static let (distributions, features) = ("input.region_targets", "input.region_feature_targets")
  private static let (classes, divergence) = ("output.region_logits", "loss.region_kl")
  private static let (regression, error) = ("output.region_regression", "loss.region_feature")

  private let model: any MaskedRegionModel

  init?(_ model: any Model) {
    guard let model = model as? any MaskedRegionModel else { return nil }
    self.model = model
  }

  func result(_ name: String, of run: CaseRun) throws -> Tensor {
    let joint = try run.joint(model, for: name)
    let places = try places(joint, name, run)
    let states = run.tape.gatherRows(
      joint.images.states,
      places.masked.map { joint.images.offsets[$0.image] + model.tokensBeforeRegions + $0.place })
    let asksForClasses = [Self.classes, Self.divergence].contains(name)
    let told =
      asksForClasses ? model.classes(ofRegions: states, run.tape) : model.features(ofRegions: states, run.tape)
    guard let told else { throw run.mistaken(name, "is of a head that this model has not") }
    guard [Self.divergence, Self.error].contains(name) else { return told }
    let targets = try targets(
      asksForClasses ? Self.distributions : Self.features, places, columns: told.columns, name, run)
    let (regions, numbers) = (told.rows, told.rows * told.columns)
    return asksForClasses
      ? run.tape.divergence(told, targets: targets, count: model.publishedDivergence == .region ? regions : numbers)
      : run.tape.squaredError(told, targets: targets, count: numbers)
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
    _ target: String, _ places: Places, columns: Int, _ name: String, _ run: CaseRun
  ) throws -> Tensor {
    let labels = try run.shape(Self.labels, [nil, nil], for: name)
    let all = try run.floats(target, [labels[0], labels[1], columns], for: name)
    return run.tape.gatherRows(all, places.masked.map { $0.image * places.slots + $0.place })
  }
}
