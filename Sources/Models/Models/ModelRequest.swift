internal import Layers

/// What a configuration and a tokenizer ask of a model.
public struct ModelRequest {
  public let settings: ModelSettings
  /// Of the tokenizer.
  public let vocabularySize: Int
  public let tokens: (start: Int32, end: Int32)
  /// Numbers of the data's regions; nil where they have none, or there are no data.
  public let regionWidth: Int?
  /// Classes whose probabilities they have, the background first; nil where they have none.
  public let regionClasses: Int?
  /// That the run begins from; nil for a tower that is drawn.
  public let towers: FoundTowers
  /// Whether somebody stated a key, or one of a group: what is not stated comes from a recipe, and gives way to the sizes of
  /// weights that are there.
  public let isStated: (_ key: String) -> Bool

  public init(
    _ settings: ModelSettings, vocabularySize: Int, tokens: (start: Int32, end: Int32), regionWidth: Int? = nil,
    regionClasses: Int? = nil, towers: FoundTowers = FoundTowers(),
    isStated: @escaping (_ key: String) -> Bool
  ) {
    (self.settings, self.vocabularySize, self.tokens) = (settings, vocabularySize, tokens)
    (self.regionWidth, self.regionClasses, self.towers) = (regionWidth, regionClasses, towers)
    self.isStated = isStated
  }
}

/// The towers that a run begins from, as they were found.
public struct FoundTowers {
  public var picture: (any PictureTowerDescription)?
  public var audio: (any ClipTowerDescription)?
  public var text: (any TextTowerDescription)?
  /// Most tokens of a text, as whoever trained the text tower has cut them; nil where nobody says.
  public var textLimit: Int?

  public init() {}
}

extension ModelRequest {
  /// What published regions have: Visual Genome's and a background (Anderson et al., 2018).
  public static let publishedRegionClasses = 1601

  /// The regions that a model reads where it is given some: of the width that is stated, the data's, or what published features
  /// have (Anderson et al., "Bottom-Up and Top-Down Attention", 2018).
  var regionShape: RegionShape {
    RegionShape(width: settings.regions.width ?? regionWidth ?? 2048, limit: settings.regions.limit)
  }

  /// Whether towers of other kinds than a model's own are wanted.
  var asksForTowers: Bool {
    towers.picture != nil || towers.text != nil || settings.vision.encoder != nil || settings.text.encoder != nil
      || asksForClips
  }

  /// Whether clips are to be heard.
  var asksForClips: Bool { towers.audio != nil || settings.audio.encoder != nil }

  /// What a model of two towers reads beside texts: pictures, or clips where a tower of these is named.
  /// - Parameter usual: what is drawn where nobody names one.
  func imageTower(
    or usual: String = TowerCatalogue.imageNames[0]
  ) throws(ModelRequestError) -> any ImageTowerDescription {
    guard asksForClips else { return try pictureTower(or: usual) }
    if towers.picture != nil || settings.vision.encoder != nil {
      throw ModelRequestError(
        key: towers.picture != nil ? "initialize.vision" : "model.vision.encoder",
        problem: "\(settings.name) reads photos or clips beside texts, not both; leave it out, or leave out "
          + (towers.audio != nil ? "initialize.audio" : "model.audio.encoder"))
    }
    return try clipTower()
  }

  /// The tower of pictures that the run begins from, or that is drawn.
  /// - Parameter usual: what is drawn where nobody names one.
  func pictureTower(
    or usual: String = TowerCatalogue.imageNames[0]
  ) throws(ModelRequestError) -> any PictureTowerDescription {
    guard let found = towers.picture else {
      return try TowerCatalogue.picture(settings.vision.encoder ?? usual, self)
    }
    try requireSizesOfWeights("vision", found)
    return found
  }

  /// The tower of clips that the run begins from, for clips as long as is stated, or that is drawn.
  func clipTower() throws(ModelRequestError) -> any ClipTowerDescription {
    var tower: any ClipTowerDescription
    if let found = towers.audio {
      try requireSizesOfWeights("audio", found)
      tower = found
      if isStated("model.audio.frames") { tower.frames = settings.audio.frames }
    } else {
      tower = try TowerCatalogue.clip(settings.audio.encoder ?? TowerCatalogue.audioNames[0], self)
    }
    if let flaw = tower.flaw { throw ModelRequestError(key: "model.audio", problem: flaw + "; choose other sizes") }
    return tower
  }

  /// The BERT that the run begins from, or that is drawn, for a model whose texts pass one: of as many positions as texts may be long.
  func bert() throws(ModelRequestError) -> BERTConfiguration {
    let found = try foundBERT(sizes: Self.sizes)
    var made = if let found { found } else { try BERTConfiguration(BERTConfiguration.modelType, self) }
    made.dropout = dropout
    return made
  }

  /// The words of that BERT for a model that has these of one, and layers of its own.
  func bertWords() throws(ModelRequestError) -> BERTConfiguration {
    let drawn = try BERTConfiguration(BERTConfiguration.modelType, self)
    guard var made = try foundBERT(sizes: ["encoder", "width", "vocabulary_size", "causal"]) else { return drawn }
    (made.layerCount, made.heads, made.activation) = (drawn.layerCount, drawn.heads, drawn.activation)
    made.intermediate = 4 * made.width
    return made
  }

  /// Nil where the run begins from no text tower.
  /// - Parameter sizes: keys below `model.text` that say what the weights say.
  private func foundBERT(sizes: [String]) throws(ModelRequestError) -> BERTConfiguration? {
    guard let found = towers.text else { return nil }
    guard var bert = found as? BERTConfiguration else {
      throw ModelRequestError(
        key: "initialize.text",
        problem:
          "\(settings.name) reads texts as a BERT does, and this is \(type(of: found).title); name a BERT's directory")
    }
    try requireSizesOfWeights("text", found, sizes)
    bert.positions = try contextLength(of: found)
    bert.pooling = BERTConfiguration().pooling
    return bert
  }

  /// The text tower that the run begins from, or that is drawn, pooled as is asked for.
  /// - Parameter usual: what is drawn where nobody names one.
  func textTower(
    or usual: String = TowerCatalogue.textNames[0]
  ) throws(ModelRequestError) -> any TextTowerDescription {
    var tower: any TextTowerDescription
    if let found = towers.text {
      let part = TowerCatalogue.part(of: found, called: settings.text.encoder)
      try requireSizesOfWeights("text", found, part == nil ? Self.sizes : Self.sizes.filter { $0 != "encoder" })
      tower = part ?? found
    } else {
      tower = try TowerCatalogue.text(settings.text.encoder ?? usual, self)
    }
    try setDropout(of: &tower)
    guard let pooling = settings.text.pooling else { return tower }
    guard type(of: tower).poolings.contains(pooling) else {
      let known = type(of: tower).poolings.map(\.rawValue).joined(separator: ", ")
      throw ModelRequestError(
        key: "model.text.pooling", problem: "\(type(of: tower).title) is pooled by \(known); choose one of these")
    }
    tower.pooling = pooling
    return tower
  }

  /// Most tokens of a text that a tower reads: as a run states it, or as whoever trained the tower has cut texts.
  func contextLength(of tower: any TextTowerDescription) throws(ModelRequestError) -> Int {
    let positions = tower.text.contextLength
    guard isStated("model.text.context_length") else { return min(positions, towers.textLimit ?? positions) }
    guard settings.text.contextLength <= positions else {
      throw ModelRequestError(
        key: "model.text.context_length",
        problem: "\(settings.text.contextLength) tokens, and the text tower has positions for \(positions)")
    }
    return settings.text.contextLength
  }

  /// What a training step drops of a text's states, and of whatever it meets.
  var dropout: DropoutRates {
    var rates = DropoutRates()
    (rates.states, rates.probabilities) = (Float(settings.text.dropout), Float(settings.text.attentionDropout))
    return rates
  }

  func setDropout(of tower: inout any TextTowerDescription) throws(ModelRequestError) {
    guard var dropping = tower as? any DroppingTowerDescription else {
      guard settings.text.drops else { return }
      let key = settings.text.dropout > 0 ? "model.text.dropout" : "model.text.attention_dropout"
      throw ModelRequestError(key: key, problem: "\(type(of: tower).title) has no dropout; leave the key out")
    }
    dropping.dropout = dropout
    tower = dropping
  }

  private static let sizes = [
    "encoder", "image_size", "patch_size", "width", "layers", "heads", "vocabulary_size", "causal", "bands", "stride",
  ]

  /// Refuses stated sizes of a tower that is there.
  /// - Parameter sizes: keys below the side's.
  func requireSizesOfWeights(
    _ side: String, _ tower: any TowerDescription, _ sizes: [String] = sizes
  ) throws(ModelRequestError) {
    // What is left to the tower asks for nothing, though a written configuration states it.
    let left = [
      ("model.vision.encoder", settings.vision.encoder == nil),
      ("model.audio.encoder", settings.audio.encoder == nil), ("model.text.encoder", settings.text.encoder == nil),
      ("model.text.vocabulary_size", settings.text.vocabularySize == nil),
    ].filter(\.1).map(\.0)
    let stated = sizes.map { "model.\(side).\($0)" }.first { isStated($0) && !left.contains($0) }
    guard let key = stated else { return }
    throw ModelRequestError(
      key: key,
      problem: "the sizes of \(type(of: tower).title) are those of initialize.\(side); leave one of the two keys out")
  }
}

/// A key that asks for what a model is not.
public struct ModelRequestError: Error, Equatable {
  public let key: String
  /// What is wrong, and what to do.
  public let problem: String

  public init(key: String, problem: String) { (self.key, self.problem) = (key, problem) }
}
