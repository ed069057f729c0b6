public import Settings

/// The towers that there are: the only list of them.
public enum TowerCatalogue {
  /// In the order in which people are told of them.
  public static let pictures: [any PictureTowerDescription.Type] = [
    CLIPVisionConfiguration.self, ViTConfiguration.self, ResNetDescription.self, EfficientNetDescription.self,
    FastViTDescription.self, PatchDescription.self,
  ]
  public static let clips: [any ClipTowerDescription.Type] = [ASTConfiguration.self, ClipResNetDescription.self]
  public static let texts: [any TextTowerDescription.Type] = [
    BERTConfiguration.self, CLIPTextConfiguration.self, WordDescription.self,
  ]

  /// What configurations call them, where they are drawn.
  public static let imageNames = pictures.flatMap { $0.names }
  public static let audioNames = clips.flatMap { $0.names }
  public static let textNames = texts.flatMap { $0.names }
  /// What they call the regions of the data, which models of regions read in the place of an image tower's states.
  static let regions = "regions"
  /// All that images may come from.
  public static let imageSources = imageNames + [regions]

  /// Reads the `config.json` of a tower of images or clips, or of a pair of encoders that has one.
  /// - Parameter modality: what it is to read, for the list of those that there are.
  /// - Throws: `SettingsError.otherModel` for a tower that mmtrain does not have.
  public static func image(
    _ file: Settings, of modality: Modality = .image
  ) throws(SettingsError) -> any ImageTowerDescription {
    if try DualEncoderConfiguration.isPair(file) { return try DualEncoderConfiguration.imageTower(of: file) }
    for kind in clips where try kind.claims(file) { return try kind.init(file) }
    return try picture(file, known: modality == .audio ? clips : pictures)
  }

  /// What hears clips and begins from the network of pictures of this `config.json`; nil where that is none, or begins none.
  public static func clips(ofPictures file: Settings) throws(SettingsError) -> (any ClipTowerDescription)? {
    for kind in clips { if let begun = try kind.begun(fromPictures: file) { return begun } }
    return try (image(file, of: .audio) as? any PictureTowerDescription)?.ofClips
  }

  /// Of pictures alone.
  /// - Parameter known: those that people are told of.
  package static func picture(
    _ file: Settings, known: [any TowerDescription.Type] = pictures
  ) throws(SettingsError) -> any PictureTowerDescription {
    for kind in pictures where try kind.claims(file) { return try kind.init(file) }
    throw try stranger(file, known: known.map { $0.title })
  }

  /// Of clips alone.
  static func clip(_ file: Settings) throws(SettingsError) -> any ClipTowerDescription {
    for kind in clips where try kind.claims(file) { return try kind.init(file) }
    throw try stranger(file, known: clips.map { $0.title })
  }

  /// Reads the `config.json` of a text tower, or of a pair of encoders that has one.
  /// - Throws: as `image`.
  public static func text(_ file: Settings) throws(SettingsError) -> any TextTowerDescription {
    if try DualEncoderConfiguration.isPair(file) { return try DualEncoderConfiguration.textTower(of: file) }
    for kind in texts where try kind.claims(file) { return try kind.init(file) }
    throw try stranger(file, known: texts.map { $0.title })
  }

  /// What is drawn where a configuration names a tower.
  /// - Parameter name: one of `imageSources`, and likewise `textNames`.
  static func picture(
    _ name: String, _ request: ModelRequest
  ) throws(ModelRequestError) -> any PictureTowerDescription {
    guard name != regions else {
      throw ModelRequestError(
        key: "model.vision.encoder",
        problem: "\(request.settings.name) reads pictures, and regions are no tower; name one of "
          + imageNames.joined(separator: ", "))
    }
    guard let kind = pictures.first(where: { $0.names.contains(name) }) else {
      preconditionFailure("the configuration has let the tower '\(name)' pass")
    }
    return try kind.init(name, request)
  }

  static func clip(_ name: String, _ request: ModelRequest) throws(ModelRequestError) -> any ClipTowerDescription {
    guard let kind = clips.first(where: { $0.names.contains(name) }) else {
      preconditionFailure("the configuration has let the tower '\(name)' pass")
    }
    return try kind.init(name, request)
  }

  static func text(_ name: String, _ request: ModelRequest) throws(ModelRequestError) -> any TextTowerDescription {
    guard let kind = texts.first(where: { $0.names.contains(name) }) else {
      preconditionFailure("the configuration has let the tower '\(name)' pass")
    }
    return try kind.init(name, request)
  }

  /// The part of a text tower that a configuration names; nil where it names none, or another kind.
  static func part(of whole: any TextTowerDescription, called name: String?) -> (any TextTowerDescription)? {
    let kinds = texts.filter { kind in name.map(kind.names.contains) ?? false }
    return kinds.compactMap { $0 as? any PartialTowerDescription.Type }.first.flatMap { $0.init(partOf: whole) }
  }

  /// What weights without a `config.json` are of, and whose keys they have; nil where they are no tower of mmtrain's.
  public static func image(
    shapes: [String: [Int]], of modality: Modality = .image
  ) -> (description: any ImageTowerDescription, keys: TowerKeys)? {
    guard let found = recognised(modality == .audio ? clips : pictures, shapes),
      let tower = found.description as? any ImageTowerDescription
    else {
      return nil
    }
    return (tower, found.keys)
  }

  private static func recognised(
    _ kinds: [any TowerDescription.Type], _ shapes: [String: [Int]]
  ) -> (description: any TowerDescription, keys: TowerKeys)? {
    for kind in kinds {
      guard let keys = TowerKeys(among: kind.publishedKeys, in: shapes.keys.contains) else { continue }
      if let tower = kind.init(shape: { shapes[keys.key($0)] }) { return (tower, keys) }
    }
    return nil
  }

  private static func stranger(_ file: Settings, known: [String]) throws(SettingsError) -> SettingsError {
    let titles = known.joined(separator: ", ")
    if let type = try file.text("model_type") {
      return .otherModel(file: file.file, model: foreignModel(type), known: titles)
    }
    guard let name = try file.text("architecture") else { return .missing(file: file.file, key: "model_type") }
    return .otherModel(file: file.file, model: "timm's \(name)", known: titles)
  }
}

/// Whose keys a file of weights has, and what is in front of them.
public struct TowerKeys: Sendable {
  public let published: PublishedKeys
  /// One of `published.prefixes`.
  public let prefix: String

  /// - Parameter holds: whether the file has a key.
  /// - Returns: nil where the file is of none of this tower's kinds.
  public init?(among kinds: [PublishedKeys], in holds: (String) -> Bool) {
    for published in kinds {
      guard let prefix = published.prefixes.first(where: { holds($0 + published.mark) }) else { continue }
      (self.published, self.prefix) = (published, prefix)
      return
    }
    return nil
  }

  /// Where the file holds a parameter.
  public func key(_ parameter: String) -> String { prefix + published.key(parameter) }

  /// Where it holds what stands for one that such files have none of; nil where they have it.
  public func replacement(of parameter: String) -> String? {
    published.replacements.first { $0.parameter == parameter }.map { prefix + $0.key }
  }

  /// Whether a key belongs to such files and is no part of the tower.
  public func isUnused(_ key: String) -> Bool {
    // A file with a prefix holds the tower as a part of something.
    !key.hasPrefix(prefix) || published.unusedPrefixes.contains { key.dropFirst(prefix.count).hasPrefix($0) }
  }
}
