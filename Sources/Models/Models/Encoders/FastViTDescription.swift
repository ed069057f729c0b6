public import Images
public import Layers
public import Settings
internal import TensorEngine

/// The sizes of a FastViT alone: MobileCLIP's image tower, as timm publishes it without its head.
public struct FastViTDescription: Equatable, Sendable {
  public var sizes: MobileCLIPConfiguration.Vision
  /// MobileCLIP's pictures, whose levels stay as they are.
  public var pictures = PublishedPictures(
    imageSize: 256, cropShare: 1, filter: .bilinear, mean: [0, 0, 0], standardDeviation: [1, 1, 1])

  public init(_ sizes: MobileCLIPConfiguration.Vision) {
    self.sizes = sizes
    pictures.imageSize = sizes.imageSize
  }

  private static let published = [
    ("fastvit_mci1", MobileCLIPConfiguration.s1.vision), ("fastvit_mci2", MobileCLIPConfiguration.s2.vision),
  ]
}

extension FastViTDescription: StagedTowerDescription {
  public static let modelType = "fastvit"
  public static let title = "FastViT"
  public static let names = published.map(\.0)
  public static let publishedKeys = [
    PublishedKeys(
      "timm's and open_clip's", prefixes: ["", "visual.trunk."], mark: "stem.0.conv_kxk.0.conv.weight",
      unusedPrefixes: ["head."])
  ]

  public static func claims(_ file: Settings) throws(SettingsError) -> Bool {
    if let name = try file.text("architecture") { return names.contains(name) }
    return try file.text("model_type") == modelType
  }

  /// No shape says which stages have gates.
  public init?(shape: (_ parameter: String) -> [Int]?) { return nil }

  public init(_ name: String, _ request: ModelRequest) throws(ModelRequestError) {
    var sizes = Self.published.first { $0.0 == name }?.1 ?? MobileCLIPConfiguration.s1.vision
    sizes.imageSize = try request.imageSizeOfConvolutions ?? sizes.imageSize
    self.init(sizes)
  }

  public var imageSize: Int { sizes.imageSize }
  public var width: Int { sizes.outputWidth }
  public var flaw: String? { sizes.flaw }
  public var hasBatchNorm: Bool { true }
  public var layers: TowerLayers { sizes.layers }
  public var usualPreprocessing: Preprocessing { pictures.preprocessing }
  public var stageWidths: [Int] { sizes.widths }
  public var stageSides: [Int] { sizes.stageSides }
  public var grid: TokenGrid { sizes.grid }

  /// Few of its blocks attend, and none is counted.
  public var blocks: [BlockGroup] { [] }

  public func operations(_ lengths: [Int], _ shapes: BatchShapes) -> Double {
    var count = OperationCount(shapes)
    sizes.add(to: &count, images: lengths.count, .unfolded)
    return count.total
  }

  public func makePictureEncoder(_ builder: ParameterBuilder) -> any PictureEncoder {
    FastViT(sizes, builder, .unfolded)
  }
}

extension MobileCLIPConfiguration.Vision {
  /// H and W behind each stage: halved twice by the stem, and once before each stage but the first.
  var stageSides: [Int] {
    func halved(_ side: Int) -> Int { WindowPadding.even(1).count(of: side, kernel: 3, stride: 2) }
    let first = halved(halved(imageSize))
    return widths.dropFirst().reduce(into: [first]) { sides, _ in sides.append(halved(sides[sides.count - 1])) }
  }

  var grid: TokenGrid { TokenGrid(side: stageSides.last ?? 0, hasClassToken: false) }
}

// MARK: Names in config.json

extension FastViTDescription: Encodable {
  private enum CodingKeys: String, CodingKey, CaseIterable {
    case modelType = "model_type"
    case pictures = "pretrained_cfg"
  }

  /// timm's `config.json`, and mmtrain's own.
  public init(_ file: Settings) throws(SettingsError) {
    if let name = try file.text("architecture") {
      guard let sizes = Self.published.first(where: { $0.0 == name })?.1 else {
        throw file.unsupported("architecture", wanted: Self.names.joined(separator: ", "))
      }
      self.init(sizes)
      pictures = try file.timmPictures(usual: pictures)
      self.sizes.imageSize = pictures.imageSize
    } else {
      self.init(try MobileCLIPConfiguration.Vision(file, also: CodingKeys.allCases.map(\.rawValue)))
      pictures = try PublishedPictures(file.requiredGroup(CodingKeys.pictures.rawValue), usual: pictures)
      guard pictures.imageSize == sizes.imageSize else {
        throw file.unsupported("image_size", wanted: "\(pictures.imageSize), as pretrained_cfg has it,")
      }
    }
  }

  public func encode(to encoder: any Encoder) throws {
    try sizes.encode(to: encoder)
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encode(Self.modelType, forKey: .modelType)
    try keys.encode(pictures, forKey: .pictures)
  }
}
