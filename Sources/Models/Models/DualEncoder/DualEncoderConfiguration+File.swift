public import Settings

// MARK: Names in config.json

extension DualEncoderConfiguration {
  private enum CodingKeys: String, CodingKey, CaseIterable {
    case modelType = "model_type"
    case architectures
    case vision = "vision_config"
    case audio = "audio_config"
    case frames = "frame_config"
    case text = "text_config"
    case pooling = "text_pooling"
    case contextLength = "text_context_length"
    case embeddingWidth = "projection_dim"
    case initialLogitScale = "logit_scale_init_value"
    case initialLogitBias = "logit_bias_init_value"
    case standardized = "standardized_features"
  }

  public init(_ file: Settings) throws(SettingsError) { try self.init(file, also: KnownKeys(read: [])) }

  /// - Parameter known: further keys of the file's own object.
  init(_ file: Settings, also known: KnownKeys) throws(SettingsError) {
    try file.require(KnownKeys(read: CodingKeys.allCases.map(\.rawValue), harmless: generalKeys).and(known))
    vision = try Self.imageTower(of: file)
    frames = try FrameConfiguration(file)
    words = try Self.textTower(of: file)
    contextLength = try file.whole(CodingKeys.contextLength.rawValue) ?? words.text.contextLength
    embeddingWidth = try file.whole(CodingKeys.embeddingWidth.rawValue) ?? 512
    if let scale = try file.number(CodingKeys.initialLogitScale.rawValue) { initialLogitScale = Float(scale) }
    initialLogitBias = try file.number(CodingKeys.initialLogitBias.rawValue).map(Float.init)
    try readStandardized(file)
  }

  private mutating func readStandardized(_ file: Settings) throws(SettingsError) {
    let key = CodingKeys.standardized.rawValue
    guard let name = try file.text(key) else { return }
    guard let standardized = ProjectionSettings.Standardized(rawValue: name) else {
      let known = ProjectionSettings.Standardized.allCases.map(\.rawValue)
      throw file.unsupported(key, wanted: known.joined(separator: ", "))
    }
    projection.standardize = standardized
  }

  /// Whether a `config.json` is of such a pair.
  static func isPair(_ file: Settings) throws(SettingsError) -> Bool {
    try file.text(CodingKeys.modelType.rawValue).map { ([modelType] + foreignTypes).contains($0) } ?? false
  }

  static func imageTower(of file: Settings) throws(SettingsError) -> any ImageTowerDescription {
    let key = file.has(CodingKeys.audio.rawValue) ? CodingKeys.audio : .vision
    return try TowerCatalogue.image(file.requiredGroup(key.rawValue))
  }

  /// Pooled as the file says.
  static func textTower(of file: Settings) throws(SettingsError) -> any TextTowerDescription {
    var tower = try TowerCatalogue.text(file.requiredGroup(CodingKeys.text.rawValue))
    guard let name = try file.text(CodingKeys.pooling.rawValue) else { return tower }
    let poolings = type(of: tower).poolings
    guard let pooling = TextPooling(rawValue: name), poolings.contains(pooling) else {
      throw file.unsupported(CodingKeys.pooling.rawValue, wanted: poolings.map(\.rawValue).joined(separator: ", "))
    }
    tower.pooling = pooling
    return tower
  }

  public func encode(to encoder: any Encoder) throws {
    var keys = encoder.container(keyedBy: CodingKeys.self)
    let isOwn = huggingFaceObstacle != nil
    try keys.encode(isOwn ? Self.modelType : Self.foreignTypes[0], forKey: .modelType)
    try keys.encode([isOwn ? "DualEncoder" : huggingFaceClasses.model], forKey: .architectures)
    try vision.encode(to: keys.superEncoder(forKey: vision.images.modality == .audio ? .audio : .vision))
    try keys.encodeIfPresent(frames, forKey: .frames)
    try words.encode(to: keys.superEncoder(forKey: .text))
    if words.pooling != type(of: words).poolings.first { try keys.encode(words.pooling, forKey: .pooling) }
    if contextLength != words.text.contextLength { try keys.encode(contextLength, forKey: .contextLength) }
    try keys.encode(embeddingWidth, forKey: .embeddingWidth)
    try keys.encode(initialLogitScale, forKey: .initialLogitScale)
    try keys.encodeIfPresent(initialLogitBias, forKey: .initialLogitBias)
    if standardized != .none { try keys.encode(standardized.rawValue, forKey: .standardized) }
  }
}
