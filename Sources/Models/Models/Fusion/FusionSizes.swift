internal import Layers
internal import Settings
internal import TensorEngine

/// Who sees whom in the layers in which texts and images meet.
public enum FusionKind: String, Codable, CaseIterable, Sendable {
  /// All tokens of a pair each other, from the first layer on.
  case early
  /// Each modality itself alone; its vectors meet behind the last layer.
  case late
  /// Both of these side by side, added.
  case hybrid
  /// Each modality itself, and from some layer on a few tokens that all share.
  case bottleneck
}

/// The same with what each kind needs.
enum FusionForm: Equatable, Sendable {
  case early
  case late(VectorFusionKind)
  case hybrid(VectorFusionKind)
  /// So many shared tokens, which the layers from that one on see, counted from 0.
  case bottleneck(tokens: Int, firstLayer: Int)

  var kind: FusionKind {
    switch self {
    case .early: .early
    case .late: .late
    case .hybrid: .hybrid
    case .bottleneck: .bottleneck
    }
  }
}

/// The sizes of the layers in which texts and images meet, or which they pass apart: as many in every kind, so that kinds differ in who
/// sees whom and in nothing else. A hybrid has them twice, once joint and once for each modality.
struct FusionSizes: PublishedTransformer, Equatable, Sendable {
  var width: Int
  var intermediate: Int
  var layerCount: Int
  var heads: Int
  var activation = Activation.geluErf
  var epsilon: Float = 1e-5
  var form: FusionForm

  var transformer: TransformerConfiguration {
    TransformerConfiguration(
      width: width, layers: layerCount, heads: heads, intermediate: intermediate, activation: activation,
      epsilon: epsilon)
  }

  var flaw: String? { (transformer.flaw ?? bottleneckFlaw).map { "the fusion layers: " + $0 } }

  private var bottleneckFlaw: String? {
    guard case .bottleneck(let tokens, let firstLayer) = form else { return nil }
    return FusionForm.bottleneckFlaw(firstLayer: firstLayer, layers: layerCount)
      ?? outside(tokens, 1...4096, "a number of bottlenecks")
  }
}

extension FusionForm {
  /// What one modality tells the bottlenecks in a layer the others see in the next: of a single layer nobody would learn.
  static func bottleneckFlaw(firstLayer: Int, layers: Int) -> String? {
    0..<max(0, layers - 1) ~= firstLayer
      ? nil
      : "bottlenecks from layer \(firstLayer) of \(layers) on, counted from 0, and two layers at least have to see them"
  }
}

// MARK: What a run asks for

extension FusionSizes {
  init(_ request: ModelRequest) throws(ModelRequestError) {
    let fusion = request.settings.fusion
    (width, intermediate, layerCount, heads) = (fusion.width, 4 * fusion.width, fusion.layers, fusion.heads)
    form = try FusionForm(fusion)
  }
}

extension FusionForm {
  fileprivate init(_ settings: FusionSettings) throws(ModelRequestError) {
    let kind = settings.kind
    if settings.late != nil, kind != .late, kind != .hybrid {
      throw ModelRequestError(
        key: "model.fusion.late",
        problem: "\(kind.rawValue) fusion makes no vectors apart; leave it out, or set model.fusion.kind to late or "
          + "hybrid")
    }
    if kind != .bottleneck, settings.bottlenecks ?? settings.bottleneckLayer != nil {
      throw ModelRequestError(
        key: settings.bottlenecks != nil ? "model.fusion.bottlenecks" : "model.fusion.bottleneck_layer",
        problem: "\(kind.rawValue) fusion has no bottlenecks; leave it out, or set model.fusion.kind to bottleneck")
    }
    let vectors = settings.late ?? .concatenation
    switch kind {
    case .early: self = .early
    case .late: self = .late(vectors)
    case .hybrid: self = .hybrid(vectors)
    case .bottleneck:
      // Four of them, from layer 8 of 12 on (Nagrani et al., 2021, §4.2).
      let first = settings.bottleneckLayer ?? max(0, min(2 * settings.layers / 3, settings.layers - 2))
      if let flaw = Self.bottleneckFlaw(firstLayer: first, layers: settings.layers) {
        throw ModelRequestError(
          key: settings.bottleneckLayer == nil ? "model.fusion.layers" : "model.fusion.bottleneck_layer",
          problem: flaw + "; give a smaller one, or raise model.fusion.layers")
      }
      self = .bottleneck(tokens: settings.bottlenecks ?? 4, firstLayer: first)
    }
  }
}

// MARK: Names in config.json

extension FusionSizes: Encodable {
  private enum CodingKeys: String, CodingKey, CaseIterable {
    case kind
    case late
    case bottlenecks
    case bottleneckLayer = "bottleneck_layer"
  }

  init(_ file: Settings) throws(SettingsError) {
    try file.require(KnownKeys(read: CodingKeys.allCases.map(\.rawValue) + transformerKeys))
    form = try FusionForm(file)
    // No library has defaults for these.
    for key in transformerKeys where !file.has(key) { throw .missing(file: file.file, key: file.name(of: key)) }
    (width, intermediate, layerCount, heads) = (0, 0, 0, 0)
    try readTransformer(file)
  }

  func encode(to encoder: any Encoder) throws {
    try encodeTransformer(to: encoder)
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encode(form.kind, forKey: .kind)
    switch form {
    case .early: break
    case .late(let vectors), .hybrid(let vectors): try keys.encode(vectors, forKey: .late)
    case .bottleneck(let tokens, let firstLayer):
      try keys.encode(tokens, forKey: .bottlenecks)
      try keys.encode(firstLayer, forKey: .bottleneckLayer)
    }
  }
}

extension FusionForm {
  fileprivate init(_ file: Settings) throws(SettingsError) {
    switch try file.choice(FusionKind.self, "kind") {
    case .early: self = .early
    case .late: self = .late(try file.choice(VectorFusionKind.self, "late"))
    case .hybrid: self = .hybrid(try file.choice(VectorFusionKind.self, "late"))
    case .bottleneck:
      self = .bottleneck(
        tokens: try file.required(file.whole("bottlenecks"), "bottlenecks"),
        firstLayer: try file.required(file.whole("bottleneck_layer"), "bottleneck_layer"))
    }
  }
}

extension Settings {
  /// One of a kind's cases, which has to be there.
  fileprivate func choice<Value: RawRepresentable<String> & CaseIterable>(
    _: Value.Type, _ key: String
  ) throws(SettingsError) -> Value {
    guard let value = Value(rawValue: try required(text(key), key)) else {
      throw unsupported(key, wanted: Value.allCases.map(\.rawValue).joined(separator: ", "))
    }
    return value
  }
}
