internal import Layers
internal import Models
internal import Settings
internal import TensorEngine

/// The smallest model in which images and texts meet from the start: its encoders make no more than embedded tokens, and it has
/// no features of either alone. Tokens of a pair lie end to end, and each is joined to the mean of all.
struct ToyJointConfiguration: ModelDescription {
  static let modelType = "toy-joint"
  static let title = "a toy in which all meets"
  static let unusedKeys: [String] = []
  static let ownParts = [ModelPart.matchingHead, .maskedTextHead]

  var imageSize: Int
  var text: TextShape
  var width: Int

  init(imageSize: Int, text: TextShape, width: Int) {
    (self.imageSize, self.text, self.width) = (imageSize, text, width)
  }

  init(_ file: Settings) throws(SettingsError) { throw .missing(file: file.file, key: "nobody reads it") }

  init(_ request: ModelRequest, from found: (any ModelDescription)?) throws(ModelRequestError) {
    throw ModelRequestError(key: "model.name", problem: "nobody asks for it")
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Keys.self)
    try container.encode(Self.modelType, forKey: .modelType)
    try container.encode(width, forKey: .width)
  }

  private enum Keys: String, CodingKey {
    case modelType = "model_type"
    case width
  }

  static func guess(_ tensors: [(name: String, shape: [Int])]) -> String? { nil }

  var inputs: InputShapes { InputShapes(imageSize: imageSize, text: text) }
  var flaw: String? { nil }
  var towers: [Modality: TowerLayers] { [:] }
  var blocks: [BlockGroup] { [] }
  var usage: String { "It is a toy." }

  func operations(_ shapes: BatchShapes) -> Double { 0 }
  func with(_ part: ModelPart) -> ToyJointConfiguration? { Self.ownParts.contains(part) ? self : nil }
  func make(_ builder: ParameterBuilder) -> any Model { ToyJointModel(self, builder) }
}

final class ToyJointModel: MatchingModel, MaskedTextModel {
  let configuration: ToyJointConfiguration
  private let patches: Linear
  private let words: Parameter
  private let mix: Linear
  private let output: Linear
  let maskedTextHead: MaskedTextHead?

  init(_ configuration: ToyJointConfiguration, _ builder: ParameterBuilder) {
    self.configuration = configuration
    let width = configuration.width
    let deviation = { (inputs: Int) in 1 / Float(inputs).squareRoot() }
    patches = Linear(
      builder, "patches", inputs: Patches.inputs, outputs: width, keepsFloat32: true,
      standardDeviation: deviation(Patches.inputs))
    words = builder.parameter(
      "words.weight", [configuration.text.vocabularySize, width], .normal(standardDeviation: 0.3))
    mix = Linear(
      builder, "mix", inputs: 2 * width, outputs: width, activation: .geluErf, standardDeviation: deviation(2 * width))
    output = Linear(builder, "output", inputs: width, outputs: 2, keepsFloat32: true, standardDeviation: 0.3)
    maskedTextHead = MaskedTextHead(
      inputs: width, norm: nil, tokenEmbedding: words, epsilon: 1e-5, builder["masked_text_head"])
  }

  var description: any ModelDescription { configuration }
  var imageEncoder: any ImageEncoder { Patches(linear: patches) }
  var textEncoder: any TextEncoder { Words(tokenEmbedding: words) }

  func join(_ images: Encoding, _ texts: Encoding, _ pairs: [ImageTextPair], _ tape: Tape) -> JointStates {
    let both = tape.concatenateRows([texts.states, images.states])
    var (rows, offsets, pairOfRow): ([Int], [Int], [Int]) = ([], [0], [])
    for (number, pair) in pairs.enumerated() {
      rows += texts.offsets[pair.text]..<texts.offsets[pair.text + 1]
      rows += (images.offsets[pair.image]..<images.offsets[pair.image + 1]).map { texts.states.rows + $0 }
      pairOfRow += [Int](repeating: number, count: rows.count - offsets[number])
      offsets.append(rows.count)
    }
    let packed = tape.gatherRows(both, rows)
    let means = tape.gatherRows(tape.meanPool(packed, offsets: offsets), pairOfRow)
    let states = mix(tape.concatenateColumns(packed, means), tape)
    let lengths = pairs.map { texts.offsets[$0.text + 1] - texts.offsets[$0.text] }
    return JointStates(
      images: part(states, zip(offsets, lengths).map { $0 + $1 }, Array(offsets.dropFirst()), tape),
      texts: part(states, Array(offsets.dropLast()), zip(offsets, lengths).map { $0 + $1 }, tape),
      imageOfPair: Array(pairs.indices), textOfPair: Array(pairs.indices))
  }

  private func part(_ states: Tensor, _ starts: [Int], _ ends: [Int], _ tape: Tape) -> Encoding {
    let offsets = zip(starts, ends).reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.1 - $1.0) }
    return Encoding(
      pooledOverAll: tape.gatherRows(states, zip(starts, ends).flatMap { Array($0..<$1) }), offsets: offsets)
  }

  var pooledWidth: Int { configuration.width }
  func pooled(_ joint: JointStates, _ tape: Tape) -> Tensor { joint.texts.pooled(tape) }
  func match(_ joint: JointStates, _ tape: Tape) -> Tensor { output(pooled(joint, tape), tape) }

  /// [B, 3, S, S] → a token for each eighth of a photo, of equal numbers of pixels: enough for plain ones.
  private struct Patches: PictureEncoder {
    static let inputs = 24
    let linear: Linear
    var width: Int { linear.weight.shape[0] }

    func callAsFunction(_ images: Tensor, _ tokens: EncodedTokens, _ tape: Tape) -> Encoding {
      let flat = tape.engine.tensor(images.values(), shape: [images.count / Self.inputs, Self.inputs])
      let length = flat.rows / max(images.shape[0], 1)
      return Encoding(pooledOverAll: linear(flat, tape), offsets: (0...images.shape[0]).map { $0 * length })
    }
  }

  private struct Words: TextEncoder {
    let tokenEmbedding: Parameter

    func callAsFunction(_ texts: PackedText, _ tokens: EncodedTokens, _ tape: Tape) -> Encoding {
      Encoding(
        pooledOverAll: tape.gatherRows(tokenEmbedding.tensor, texts.ids.map { Int($0) }), offsets: texts.offsets)
    }
  }
}
