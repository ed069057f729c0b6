public import Settings

/// The models that there are: the only list of them.
public enum ModelCatalogue {
  /// In the order in which people are told of them.
  static let descriptions: [any ModelDescription.Type] = [
    CLIPConfiguration.self, DualEncoderConfiguration.self, CrossAttentionConfiguration.self,
    FusionModelConfiguration.self, MobileCLIPConfiguration.self, ViLTConfiguration.self, ViLBERTConfiguration.self,
    UNITERConfiguration.self,
    MMBERTConfiguration.self, BLIPConfiguration.self, TrimodalConfiguration.self,
  ]

  /// Further ones, of published files, which are used as they are: no run makes one.
  private static let published: [any ModelDescription.Type] = [ASTClassifierConfiguration.self]

  private static var all: [any ModelDescription.Type] { descriptions + published }

  /// As configurations and `config.json` call them.
  public static let names = descriptions.map { $0.modelType }

  /// What is trained where nobody names a model.
  public static let usual = CrossAttentionConfiguration.modelType
  /// What benchmarks take where nobody names a model.
  public static let benchmarked = CLIPConfiguration.modelType

  /// In words.
  private static let known =
    all.dropLast().map { $0.title }.joined(separator: ", ") + (all.last.map { " and \($0.title)" } ?? "")

  /// Reads a `config.json` of transformers' or mmtrain's making.
  /// - Parameter file: where the bytes came from, for errors.
  /// - Throws: `SettingsError`, also for a model that mmtrain does not have and for any setting that it does not know.
  public static func description(json: [UInt8], file: String = "config.json") throws -> any ModelDescription {
    let settings = try Settings(json: json, file: file)
    return try kind(settings).init(settings)
  }

  /// Reads an `open_clip_config.json`.
  /// - Parameters:
  ///   - file: the whole file.
  ///   - tokens: the ids that open and close a text, as `TextShape` has them.
  /// - Throws: `SettingsError`, naming the first setting that no model of mmtrain's has.
  public static func description(
    openCLIP file: Settings, tokens: (start: Int32, end: Int32)
  ) throws(SettingsError) -> any ModelDescription {
    let members = try OpenCLIPMembers(file)
    let kinds = descriptions.compactMap { $0 as? any OpenCLIPDescription.Type }
    for kind in kinds where try kind.claims(members) { return try kind.init(members, tokens: tokens) }
    throw members.model.unsupported("vision_cfg", wanted: "the image towers of \(names.joined(separator: ", "))")
  }

  /// The model that a configuration asks for.
  /// - Parameter found: of the directory that the run begins from; nil where its weights are drawn.
  /// - Throws: `ModelRequestError`.
  public static func description(
    _ request: ModelRequest, from found: (any ModelDescription)? = nil
  ) throws(ModelRequestError) -> any ModelDescription {
    let name = request.isStated("model.name") ? request.settings.name : found?.name ?? request.settings.name
    guard let kind = all.first(where: { $0.modelType == name }) else {
      preconditionFailure("the configuration has let the model '\(name)' pass")
    }
    return try kind.init(request, from: found)
  }

  /// The parts that every model of that name has; none for a name that is not known.
  public static func ownParts(of name: String) -> [ModelPart] {
    descriptions.first { $0.modelType == name }?.ownParts ?? []
  }

  /// The sizes that the authors of a model of that name published, by the configuration's keys.
  public static func publishedSizes(of name: String) -> [(key: String, size: Int)] {
    descriptions.first { $0.modelType == name }?.publishedSizes ?? []
  }

  /// What they published of how it was pre-trained, likewise.
  public static func publishedRecipe(of name: String) -> [(key: String, value: String)] {
    descriptions.first { $0.modelType == name }?.publishedRecipe ?? []
  }

  /// Whether a configuration's key means something to a model.
  public static func hasUse(_ name: String, for key: String) -> Bool {
    guard let kind = descriptions.first(where: { $0.modelType == name }) else { return true }
    guard !kind.unusedKeys.contains(where: { key == $0 || key.hasPrefix($0 + ".") }) else { return false }
    return kind.ownKeys.contains(key) || !descriptions.contains { $0.ownKeys.contains(key) }
  }

  /// Whether a `config.json` is of one of them; false where it cannot be read.
  ///
  /// Another one speaks of other weights than an `open_clip_config.json` beside it does: timm's repositories hold the image
  /// tower and the whole model side by side.
  public static func knows(json: [UInt8]) -> Bool {
    guard let settings = try? Settings(json: json, file: ""), let type = try? settings.text("model_type") else {
      return false
    }
    return all.contains { $0.reads(type) }
  }

  /// The block that a key of a file belongs to which only folded branches have; nil for other keys.
  public static func foldedBlock(_ key: String) -> Substring? {
    descriptions.lazy.compactMap { ($0 as? any FoldableDescription.Type)?.foldedBlock(key) }.first
  }

  /// What a file of weights seems to be, in words. The models with more than others have are asked first.
  public static func guess(_ tensors: [(name: String, shape: [Int])]) -> String? {
    descriptions.reversed().lazy.compactMap { $0.guess(tensors) }.first
  }

  /// Which of them a `config.json` is of.
  /// - Throws: `SettingsError.otherModel` for a model that mmtrain does not have.
  private static func kind(_ settings: Settings) throws(SettingsError) -> any ModelDescription.Type {
    guard let type = try settings.text("model_type") else {
      guard settings.has("architecture") else { throw .missing(file: settings.file, key: "model_type") }
      throw .otherModel(file: settings.file, model: "a model of timm's", known: known)
    }
    guard let kind = all.first(where: { $0.reads(type) }) else {
      throw .otherModel(file: settings.file, model: foreignModel(type), known: known)
    }
    return kind
  }
}

extension ModelDescription {
  fileprivate static func reads(_ modelType: String) -> Bool {
    modelType == self.modelType || foreignTypes.contains(modelType)
  }
}
