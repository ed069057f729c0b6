internal import Layers
internal import Settings

/// How the frames of a video become one, behind the tower that sees each by itself: sizes of what a model has beside its image tower.
public struct FrameConfiguration: Codable, Equatable, Sendable {
  public var pooling: FramePooling
  /// The most frames of a video.
  public var limit: Int
  /// Transformer blocks in which frames see each other; 0 for `mean`.
  public var layers: Int

  public init(pooling: FramePooling, limit: Int, layers: Int) {
    (self.pooling, self.limit) = (pooling, limit)
    self.layers = pooling == .positions ? layers : 0
  }

  var flaw: String? {
    outside(limit, 2...1024, "a number of frames")
      ?? (pooling == .mean ? nil : outside(layers, 1...64, "a number of layers over frames"))
  }

  /// What the names of its parameters begin with in a model.
  static let prefix = "frame_model"

  /// Blocks of a width; a head has 64 numbers, where that divides it.
  func transformer(width: Int) -> TransformerConfiguration {
    TransformerConfiguration(
      width: width, layers: layers, heads: width % 64 == 0 ? width / 64 : 1, intermediate: 4 * width)
  }

  /// What a `config.json` calls these sizes.
  static let key = "frame_config"

  /// - Returns: nil where a file has none.
  init?(_ file: Settings) throws(SettingsError) {
    guard file.has(Self.key) else { return nil }
    let own = try file.requiredGroup(Self.key)
    try own.require(KnownKeys(read: CodingKeys.allCases.map(\.rawValue)))
    let word = try own.text(CodingKeys.pooling.rawValue) ?? ""
    guard let pooling = FramePooling(rawValue: word) else {
      let known = FramePooling.allCases.map(\.rawValue).joined(separator: ", ")
      throw own.unsupported(CodingKeys.pooling.rawValue, wanted: known)
    }
    self.init(
      pooling: pooling, limit: try own.whole(CodingKeys.limit.rawValue) ?? 0,
      layers: try own.whole(CodingKeys.layers.rawValue) ?? 0)
  }

  private enum CodingKeys: String, CodingKey, CaseIterable { case pooling, limit, layers }
}

/// What stands for a video (Luo et al., "CLIP4Clip", 2021).
public enum FramePooling: String, Codable, CaseIterable, Sendable {
  /// The mean of what stands for its frames, whatever their order.
  case mean
  /// The same, after frames with positions in time have seen each other: what a transformer makes of them is added to them.
  case positions
}
