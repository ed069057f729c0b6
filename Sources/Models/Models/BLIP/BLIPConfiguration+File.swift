internal import Foundation
public import Settings

// `config.json` as transformers reads and writes it. Source: transformers 5.24, `models/blip/configuration_blip.py`.

extension BLIPConfiguration {
  private enum TopKey: String, CodingKey, CaseIterable {
    case modelType = "model_type"
    case architectures
    case vision = "vision_config"
    case text = "text_config"
    case featureWidth = "image_text_hidden_size"
    case initialLogitScale = "logit_scale_init_value"
    case version = "transformers_version"
  }

  private enum TextKey: String, CodingKey, CaseIterable {
    case modelType = "model_type"
    case vocabularySize = "vocab_size"
    case positions = "max_position_embeddings"
    case tokenTypes = "type_vocab_size"
    case contextWidth = "encoder_hidden_size"
    case start = "bos_token_id"
    case stop = "sep_token_id"
    case pad = "pad_token_id"
    case isDecoder = "is_decoder"
  }

  public init(_ file: Settings) throws(SettingsError) {
    self.init()
    try file.require(topKeys)
    form = try Self.form(of: file) ?? form
    if let group = try file.group(TopKey.vision.rawValue) { vision = try Self.tower(group) }
    featureWidth = try file.whole(TopKey.featureWidth.rawValue) ?? featureWidth
    initialLogitScale = try file.number(TopKey.initialLogitScale.rawValue).map(Float.init) ?? initialLogitScale
    if let group = try file.group(TopKey.text.rawValue) { try read(text: group, of: file) }
  }

  /// The first class that it names; nil where it names none. The weights say it too.
  private static func form(of file: Settings) throws(SettingsError) -> Form? {
    guard case .array(let names)? = file.value(TopKey.architectures.rawValue), case .string(let name)? = names.first
    else { return nil }
    return Form(rawValue: String(decoding: name, as: UTF8.self))
  }

  private static func tower(_ group: Settings) throws(SettingsError) -> any PictureTowerDescription {
    let type = try group.text(TextKey.modelType.rawValue) ?? BLIPVisionConfiguration.modelType
    return type == BLIPVisionConfiguration.modelType
      ? try BLIPVisionConfiguration(group) : try TowerCatalogue.picture(group)
  }

  private mutating func read(text group: Settings, of file: Settings) throws(SettingsError) {
    try group.require(textKeys)
    text.vocabularySize = try group.whole(TextKey.vocabularySize.rawValue) ?? text.vocabularySize
    text.positions = try group.whole(TextKey.positions.rawValue) ?? text.positions
    text.tokenTypes = try group.whole(TextKey.tokenTypes.rawValue) ?? text.tokenTypes
    try text.readTransformer(group)
    if try Self.hasHeadsByMistake(group, of: file) { text.heads = 12 }
    bounds.start = try group.token(TextKey.start.rawValue) ?? bounds.start
    bounds.stop = try group.token(TextKey.stop.rawValue) ?? bounds.stop
  }

  /// Salesforce's models have 12 heads. The library's own default is 8, and so said the files of these models until April 2023
  /// (huggingface/transformers#22625); a file that says nothing is taken for one of theirs.
  private static func hasHeadsByMistake(_ group: Settings, of file: Settings) throws(SettingsError) -> Bool {
    guard let heads = try group.whole("num_attention_heads") else { return true }
    guard heads == 8, try group.whole("hidden_size") ?? 768 == 768 else { return false }
    let stated = try file.text(TopKey.version.rawValue)
    let version = if let stated { stated } else { try group.text(TopKey.version.rawValue) }
    guard let numbers = version?.split(separator: ".").prefix(2).map({ Int($0) ?? 0 }), numbers.count == 2 else {
      return false
    }
    return (numbers[0], numbers[1]) < (4, 28)
  }

  private var topKeys: KnownKeys {
    KnownKeys(
      read: TopKey.allCases.map(\.rawValue),
      harmless: [
        // What a run smooths is in its own configuration; nothing of these models is projected to projection_dim.
        "label_smoothing", "projection_dim", "initializer_range", "bos_token_id", "eos_token_id",
      ] + generalKeys + decoderKeys, understood: generalUnderstood)
  }

  private var textKeys: KnownKeys {
    KnownKeys(
      read: TextKey.allCases.map(\.rawValue) + [TopKey.version.rawValue] + transformerKeys,
      harmless: [
        "label_smoothing", "projection_dim", "initializer_range", "eos_token_id", "hidden_dropout_prob",
        "attention_probs_dropout_prob", "classifier_dropout", "cross_attention_hidden_size", "is_encoder_decoder",
        "add_cross_attention",
      ] + generalKeys,
      understood: generalUnderstood.merging(["position_embedding_type": [.text("absolute")]]) { first, _ in first })
  }
}

// MARK: Writing

extension BLIPConfiguration: Encodable {
  public func encode(to encoder: any Encoder) throws {
    var keys = encoder.container(keyedBy: TopKey.self)
    try keys.encode(Self.modelType, forKey: .modelType)
    try keys.encode([form.rawValue], forKey: .architectures)
    try vision.encode(to: keys.superEncoder(forKey: .vision))
    try encodeText(to: keys.superEncoder(forKey: .text))
    try keys.encode(featureWidth, forKey: .featureWidth)
    try keys.encode(initialLogitScale, forKey: .initialLogitScale)
  }

  private func encodeText(to encoder: any Encoder) throws {
    var keys = encoder.container(keyedBy: TextKey.self)
    try keys.encode("blip_text_model", forKey: .modelType)
    try keys.encode(text.vocabularySize, forKey: .vocabularySize)
    try keys.encode(text.positions, forKey: .positions)
    if text.tokenTypes > 0 { try keys.encode(text.tokenTypes, forKey: .tokenTypes) }
    try keys.encode(vision.width, forKey: .contextWidth)
    try keys.encode(bounds.start, forKey: .start)
    try keys.encode(bounds.stop, forKey: .stop)
    try keys.encode(0, forKey: .pad)
    try keys.encode(true, forKey: .isDecoder)
    try text.encodeTransformer(to: encoder)
  }
}
