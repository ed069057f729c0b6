internal import Foundation
internal import Models
internal import TensorEngine

/// `open_clip_config.json`: the sizes of a model as open_clip names them, and how its pictures are prepared.
///
/// Source: open_clip 3.3, `model.py` (CLIPVisionCfg, CLIPTextCfg) and its `model_configs`.
struct OpenCLIPConfiguration: Decodable {
  struct Vision: Decodable {
    var imageSize: Int?
    var patchSize: Int?
    var width: Int?
    /// A number for a vision transformer, a list for a ResNet.
    var layers: Layers?
    var headWidth: Int?
    var mlpRatio: Double?
    var timmModelName: String?
    // What changes the transformer into another.
    var noLnPre: Bool?
    var poolType: String?
    var finalLnAfterPool: Bool?
    var attentionalPool: Bool?
    var lsInitValue: Double?
    var posEmbedType: String?
  }

  enum Layers: Decodable {
    case one(Int)
    case several

    init(from decoder: any Decoder) throws {
      self = (try? decoder.singleValueContainer().decode(Int.self)).map(Layers.one) ?? .several
    }
  }

  struct Text: Decodable {
    var contextLength: Int?
    var vocabSize: Int?
    var width: Int?
    var heads: Int?
    var layers: Int?
    var mlpRatio: Double?
    var noCausalMask: Bool?
    var hfModelName: String?
    var embedCls: Bool?
    var poolType: String?
    var projType: String?
    var projBias: Bool?
    var lsInitValue: Double?
    var eosId: Int32?
  }

  struct Model: Decodable {
    var embedDim: Int
    var quickGelu: Bool?
    var customText: Bool?
    var initLogitScale: Float?
    var initLogitBias: Float?
    var visionCfg: Vision
    var textCfg: Text
  }

  var modelCfg: Model
  /// The file itself.
  private var json: [UInt8] = []

  private enum CodingKeys: CodingKey { case modelCfg }

  init(json: [UInt8]) throws {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    self = try decoder.decode(Self.self, from: Data(json))
    self.json = json
  }
}

extension OpenCLIPConfiguration {
  /// - Parameters:
  ///   - path: of the file, for errors.
  ///   - tokens: the ids that open and close a text.
  /// - Throws: `PretrainedError.unknownArchitecture`, naming the first setting that no model of mmtrain's has.
  func description(path: String, tokens: (start: Int32, end: Int32)) throws -> ModelDescription {
    let vision = modelCfg.visionCfg
    if let name = vision.timmModelName, name.hasPrefix("fastvit_mci") {
      return .mobileClip(try mobileCLIP(path: path, tokens))
    }
    if let flaw = unsupported { throw PretrainedError.unknownArchitecture(path: path, name: flaw) }
    var towers = CLIPConfiguration()
    towers.embeddingWidth = modelCfg.embedDim
    towers.initialLogitBias = modelCfg.initLogitBias
    let activation: Activation = modelCfg.quickGelu == true ? .quickGELU : .geluErf
    towers.vision.imageSize = vision.imageSize ?? 224
    towers.vision.patchSize = vision.patchSize ?? 16
    towers.vision.width = vision.width ?? 768
    if case .one(let layers)? = vision.layers { towers.vision.layers = layers }
    let headWidth = vision.headWidth ?? 64
    towers.vision.heads = headWidth > 0 ? towers.vision.width / headWidth : 0
    towers.vision.intermediate = inner(towers.vision.width, ratio: vision.mlpRatio)
    towers.vision.activation = activation
    towers.text = text(activation, tokens)
    return .clip(towers)
  }

  private func mobileCLIP(path: String, _ tokens: (start: Int32, end: Int32)) throws -> MobileCLIPConfiguration {
    do {
      var model = try MobileCLIPConfiguration(openCLIP: json)
      (model.text.startToken, model.text.endToken) = tokens
      return model
    } catch DecodingError.dataCorrupted(let context) {
      throw PretrainedError.unknownArchitecture(path: path, name: context.debugDescription)
    }
  }

  private func text(_ activation: Activation, _ tokens: (start: Int32, end: Int32)) -> CLIPConfiguration.Text {
    let stated = modelCfg.textCfg
    var text = CLIPConfiguration.Text()
    text.contextLength = stated.contextLength ?? 77
    text.vocabularySize = stated.vocabSize ?? 49408
    text.width = stated.width ?? 512
    text.heads = stated.heads ?? 8
    text.layers = stated.layers ?? 12
    text.intermediate = inner(text.width, ratio: stated.mlpRatio)
    text.activation = activation
    (text.startToken, text.endToken) = tokens
    return text
  }

  /// The first setting that changes the architecture into one that mmtrain does not have.
  private var unsupported: String? {
    let (vision, text) = (modelCfg.visionCfg, modelCfg.textCfg)
    if let name = vision.timmModelName { return "vision_cfg.timm_model_name \(name)" }
    if case .several? = vision.layers { return "a ResNet image tower" }
    if let name = text.hfModelName { return "text_cfg.hf_model_name \(name)" }
    if let pool = vision.poolType, pool != "tok" { return "vision_cfg.pool_type \(pool)" }
    if let pool = text.poolType, pool != "argmax" { return "text_cfg.pool_type \(pool)" }
    if let kind = vision.posEmbedType, kind != "learnable" { return "vision_cfg.pos_embed_type \(kind)" }
    if let kind = text.projType, kind != "linear" { return "text_cfg.proj_type \(kind)" }
    let flags: [(String, Bool?)] = [
      ("vision_cfg.no_ln_pre", vision.noLnPre), ("vision_cfg.final_ln_after_pool", vision.finalLnAfterPool),
      ("vision_cfg.attentional_pool", vision.attentionalPool), ("text_cfg.embed_cls", text.embedCls),
      ("text_cfg.proj_bias", text.projBias), ("text_cfg.no_causal_mask", text.noCausalMask),
      ("vision_cfg.ls_init_value", vision.lsInitValue.map { _ in true }),
      ("text_cfg.ls_init_value", text.lsInitValue.map { _ in true }),
    ]
    return flags.first { $0.1 == true }?.0
  }
}

/// The perceptron's width; 0, which is refused later, where the ratio makes no sense.
private func inner(_ width: Int, ratio: Double?) -> Int {
  Int(exactly: (Double(width) * (ratio ?? 4)).rounded(.down)) ?? 0
}
