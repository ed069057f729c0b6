public import Settings
internal import TensorEngine

// Source: facebookresearch/vilbert-multi-task, `vilbert/vilbert.py`, class `BertConfig`. Keys that a file leaves out have its
// defaults, which are those of `bert_base_6layer_6conect.json` but for the image stream's layers.

extension ViLBERTConfiguration {
  fileprivate enum CodingKeys: String, CodingKey, CaseIterable {
    case modelType = "model_type"
    case architectures
    case vocabularySize = "vocab_size"
    case width = "hidden_size"
    case layers = "num_hidden_layers"
    case heads = "num_attention_heads"
    case intermediate = "intermediate_size"
    case activation = "hidden_act"
    case positions = "max_position_embeddings"
    case tokenTypes = "type_vocab_size"
    case imageFeatures = "v_feature_size"
    case imageTargets = "v_target_size"
    case imageWidth = "v_hidden_size"
    case imageLayers = "v_num_hidden_layers"
    case imageHeads = "v_num_attention_heads"
    case imageIntermediate = "v_intermediate_size"
    case imageActivation = "v_hidden_act"
    case connectionWidth = "bi_hidden_size"
    case connectionHeads = "bi_num_attention_heads"
    case imageConnections = "v_biattention_id"
    case textConnections = "t_biattention_id"
    case fusion = "fusion_method"
    case hasTaskTokens = "task_specific_tokens"
    case answers = "num_labels"
    // mmtrain's own
    case gqaAnswers = "gqa_labels"
    case taskTokens = "task_tokens"
    case hasPretrainingHeads = "pretraining_heads"
  }

  public init(_ file: Settings) throws(SettingsError) {
    try file.require(
      KnownKeys(
        read: CodingKeys.allCases.map(\.rawValue) + RegionSource.keys, harmless: harmless, understood: understood))
    words.vocabularySize = try file.whole(.vocabularySize) ?? words.vocabularySize
    (words.width, words.layerCount) = (
      try file.whole(.width) ?? words.width, try file.whole(.layers) ?? words.layerCount
    )
    words.heads = try file.whole(.heads) ?? words.heads
    words.intermediate = try file.whole(.intermediate) ?? words.intermediate
    words.activation = try Activation(file, CodingKeys.activation.rawValue) ?? words.activation
    words.positions = try file.whole(.positions) ?? words.positions
    words.tokenTypes = try file.whole(.tokenTypes) ?? words.tokenTypes
    try readImageStream(file)
    width = try file.whole(.connectionWidth) ?? width
    heads = try file.whole(.connectionHeads) ?? heads
    imageConnections = try file.wholes(CodingKeys.imageConnections.rawValue) ?? imageConnections
    textConnections = try file.wholes(CodingKeys.textConnections.rawValue) ?? textConnections
    regions = try RegionSource(file, width: file.whole(.imageFeatures) ?? regions.width)
    try readHeads(file)
  }

  private mutating func readImageStream(_ file: Settings) throws(SettingsError) {
    vision.width = try file.whole(.imageWidth) ?? vision.width
    vision.layers = try file.whole(.imageLayers) ?? vision.layers
    vision.heads = try file.whole(.imageHeads) ?? vision.heads
    vision.intermediate = try file.whole(.imageIntermediate) ?? vision.intermediate
    vision.activation = try Activation(file, CodingKeys.imageActivation.rawValue) ?? vision.activation
  }

  private mutating func readHeads(_ file: Settings) throws(SettingsError) {
    if let name = try file.text(CodingKeys.fusion.rawValue) {
      guard let stated = PooledFusion(rawValue: name) else {
        throw file.unsupported(CodingKeys.fusion.rawValue, wanted: "mul and sum")
      }
      fusion = stated
    }
    pretraining?.regionTargets = try file.whole(.imageTargets)
    if try file.flag(CodingKeys.hasPretrainingHeads.rawValue) == false { pretraining = nil }
    if let gqa = try file.whole(.gqaAnswers) {
      answerHeads = AnswerCounts(vqa: try file.whole(.answers) ?? AnswerCounts().vqa, gqa: gqa)
    }
    labels = try file.labels()
    if try file.flag(CodingKeys.hasTaskTokens.rawValue) == true {
      taskTokens = try file.whole(.taskTokens) ?? Self.publishedTaskTokens
    }
  }

  /// Of the 12-in-1 model, which its file does not say.
  private static let publishedTaskTokens = 20
}

extension Settings {
  fileprivate func whole(_ key: ViLBERTConfiguration.CodingKeys) throws(SettingsError) -> Int? {
    try whole(key.rawValue)
  }
}

/// Dropout is for training; the rest says how losses are made, how batches are put together, or what is read by nobody
/// (`pooling_method`, `bi_intermediate_size`, `bi_attention_type`).
private let harmless =
  [
    "attention_probs_dropout_prob", "hidden_dropout_prob", "v_attention_probs_dropout_prob", "v_hidden_dropout_prob",
    "initializer_range", "v_initializer_range", "bi_intermediate_size", "bi_attention_type", "pooling_method",
    "visual_target", "objective", "num_negative", "in_batch_pairs", "fast_mode", "fixed_v_layer", "fixed_t_layer",
    "predict_feature", "intra_gate", "visualization",
  ] + generalKeys

private let understood: [String: [JSONValue]] = generalUnderstood.merging([
  "dynamic_attention": [.boolean(false)], "with_coattention": [.boolean(true)], "model": [.text("bert")],
]) { first, _ in first }

// MARK: Writing

extension ViLBERTConfiguration: Encodable {
  public func encode(to encoder: any Encoder) throws {
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encode(Self.modelType, forKey: .modelType)
    try keys.encode([answerHeads == nil ? "BertForMultiModalPreTraining" : "VILBertForVLTasks"], forKey: .architectures)
    let sizes: [(CodingKeys, Int)] = [
      (.vocabularySize, words.vocabularySize), (.width, words.width), (.layers, words.layerCount),
      (.heads, words.heads), (.intermediate, words.intermediate), (.positions, words.positions),
      (.tokenTypes, words.tokenTypes), (.imageFeatures, regions.width), (.imageWidth, vision.width),
      (.imageLayers, vision.layers), (.imageHeads, vision.heads), (.imageIntermediate, vision.intermediate),
      (.connectionWidth, width), (.connectionHeads, heads),
    ]
    for (key, size) in sizes { try keys.encode(size, forKey: key) }
    try keys.encode(words.activation, forKey: .activation)
    try keys.encode(vision.activation, forKey: .imageActivation)
    try keys.encode(imageConnections, forKey: .imageConnections)
    try keys.encode(textConnections, forKey: .textConnections)
    try keys.encode(fusion.rawValue, forKey: .fusion)
    try encodeHeads(&keys)
    try regions.encode(to: encoder)
    try encodeLabels(to: encoder)
  }

  private func encodeHeads(_ keys: inout KeyedEncodingContainer<CodingKeys>) throws {
    try keys.encode(pretraining != nil, forKey: .hasPretrainingHeads)
    try keys.encodeIfPresent(pretraining?.regionTargets, forKey: .imageTargets)
    try keys.encodeIfPresent(answerHeads?.vqa, forKey: .answers)
    try keys.encodeIfPresent(answerHeads?.gqa, forKey: .gqaAnswers)
    try keys.encode(taskTokens != nil, forKey: .hasTaskTokens)
    try keys.encodeIfPresent(taskTokens, forKey: .taskTokens)
  }
}
