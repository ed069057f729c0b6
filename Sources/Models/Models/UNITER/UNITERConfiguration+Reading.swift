public import Settings

// Source: ChenRocks/UNITER 1dbfa62, `model/model.py`, class `UniterConfig`, and the arguments of its models' constructors.

extension UNITERConfiguration {
  private enum CodingKeys: String, CodingKey, CaseIterable {
    case modelType = "model_type"
    case architectures
    case features = "img_dim"
    case classes = "img_label_dim"
    case answers = "num_answer"
  }

  public init(_ file: Settings) throws(SettingsError) {
    let own = CodingKeys.allCases.map(\.rawValue) + RegionSource.keys
    text = try BERTConfiguration(file, also: KnownKeys(read: own))
    // What bottom-up attention makes, and its classes with a background.
    regions = try RegionSource(file, width: file.whole(CodingKeys.features.rawValue) ?? 2048)
    heads.regionClasses = try file.whole(CodingKeys.classes.rawValue) ?? 1601
    heads.answers = try file.whole(CodingKeys.answers.rawValue)
    labels = try file.labels()
  }

  public func encode(to encoder: any Encoder) throws {
    try text.encode(to: encoder)
    try regions.encode(to: encoder)
    try encodeLabels(to: encoder)
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encode(Self.modelType, forKey: .modelType)
    try keys.encode(["UniterForPretraining"], forKey: .architectures)
    try keys.encode(regions.width, forKey: .features)
    try keys.encodeIfPresent(heads.regionClasses, forKey: .classes)
    try keys.encodeIfPresent(heads.answers, forKey: .answers)
  }
}
