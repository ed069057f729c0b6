public import Images
public import Layers
internal import TensorEngine

extension ResNetDescription: PictureTowerDescription {
  public static let modelType = "resnet"
  public static let title = "ResNet"
  public static var names: [String] { published.map(\.name) }

  /// The sizes of a name, for images as large as the configuration asks for.
  public init(_ name: String, _ request: ModelRequest) throws(ModelRequestError) {
    try self.init(published: name)
    pictures.imageSize = try request.imageSizeOfConvolutions ?? pictures.imageSize
  }

  /// The sizes of one of `names`.
  init(published name: String) throws(ModelRequestError) {
    guard let sizes = Self.published.first(where: { $0.name == name })?.sizes else {
      throw ModelRequestError(key: "model.name", problem: "\(name) is none of \(Self.names.joined(separator: ", "))")
    }
    self = sizes
  }

  /// The kernel of the first convolution.
  static let stemParameter = "conv1.weight"

  public init?(shape: (_ parameter: String) -> [Int]?) { self.init(channels: 3, shape: shape) }

  /// torchvision's arrays. Strides are in none of them: they are taken to be those of the published networks.
  init?(channels: Int, shape: (_ parameter: String) -> [Int]?) {
    guard let stem = shape(Self.stemParameter), stem.count == 4 else { return nil }
    self.init()
    self.channels = channels
    stemWidth = stem[0]
    block = shape("layer1.0.conv3.weight") == nil ? .basic : .bottleneck
    (depths, widths) = ([], [])
    let last = block == .basic ? "conv2" : "conv3"
    while let outputs = shape("layer\(depths.count + 1).0.\(last).weight")?.first, depths.count < 4 {
      let stage = depths.count + 1
      depths.append((0...1024).first { shape("layer\(stage).\($0).conv1.weight") == nil } ?? 0)
      widths.append(outputs)
    }
    guard depths.count == 4, flaw == nil, hasShapes(shape) else { return nil }
  }

  /// Whether the convolutions of these sizes have these shapes.
  private func hasShapes(_ shape: (_ parameter: String) -> [Int]?) -> Bool {
    shape(Self.stemParameter) == [stemWidth, channels, 7, 7]
      && blockForms.allSatisfy { form in
        form.convolutions.enumerated().allSatisfy {
          shape("\(form.name).conv\($0 + 1).weight") == $1.weightShape
        } && shape("\(form.name).downsample.0.weight") == form.shortcut?.weightShape
      }
  }

  public var imageSize: Int { pictures.imageSize }
  public var width: Int { widths.last ?? 0 }
  public var usualPreprocessing: Preprocessing { pictures.preprocessing }
  public var hasBatchNorm: Bool { true }

  public var grid: TokenGrid { TokenGrid(side: stageSides.last ?? 0, hasClassToken: false) }

  public var flaw: String? {
    networkFlaw ?? outside(imageSize, 1 << (depths.count + 1)...8192, "an image size")
  }

  /// The same of the network, whatever it reads.
  var networkFlaw: String? {
    guard depths.count == widths.count else { return "\(depths.count) depths for \(widths.count) widths" }
    if let flaw = outside(depths.count, 1...8, "a number of stages")
      ?? outside(stemWidth, 1...65_536, "a width of the stem")
    {
      return flaw
    }
    for (depth, width) in zip(depths, widths) {
      if let flaw = outside(depth, 1...1024, "a depth") ?? outside(width, 1...65_536, "a width") { return flaw }
      if block == .bottleneck && width % 4 != 0 {
        return "a bottleneck of a width of \(width), which 4 does not divide"
      }
    }
    return nil
  }

  public var layers: TowerLayers {
    TowerLayers(
      embeddings: ["conv1.", "bn1."], blocks: blockForms.map { [$0.name + "."] }, finalNorm: [], projection: [])
  }

  /// It is no transformer.
  public var blocks: [BlockGroup] { [] }

  public func operations(_ lengths: [Int], _ shapes: BatchShapes) -> Double {
    operations(images: lengths.count, height: imageSize, width: imageSize, shapes)
  }

  /// Of images of any shape.
  func operations(images: Int, height: Int, width: Int, _ shapes: BatchShapes) -> Double {
    var count = OperationCount(shapes)
    var sides = (height: height, width: width)
    count.convolution(stem, images: images, sides: &sides, times: 2)
    sides = (Self.pooledLength(of: sides.height), Self.pooledLength(of: sides.width))
    for block in blockForms {
      var shortcut = sides
      for form in block.convolutions { count.convolution(form, images: images, sides: &sides) }
      if let form = block.shortcut { count.convolution(form, images: images, sides: &shortcut) }
    }
    return count.total
  }

  private static func pooledLength(of side: Int) -> Int {
    pool.padding.count(of: side, kernel: pool.kernel, stride: pool.stride)
  }

  /// What the last map makes of a side of so many places.
  func lastLength(of side: Int) -> Int { stageLengths(of: side).last ?? 0 }

  public var ofClips: (any ClipTowerDescription)? { ClipResNetDescription(self) }

  public func makePictureEncoder(_ builder: ParameterBuilder) -> any PictureEncoder { ResNet(self, builder) }
}

extension ResNetDescription: StagedTowerDescription {
  public var stageWidths: [Int] { [stemWidth] + widths }

  public var stageSides: [Int] { stageLengths(of: imageSize) }

  /// What each stage makes of a side of so many places.
  fileprivate func stageLengths(of length: Int) -> [Int] {
    let first = stem.padding.count(of: length, kernel: stem.kernel, stride: stem.stride)
    var side = Self.pooledLength(of: first)
    return [first]
      + depths.indices.map { stage in
        if stage > 0 || reducesInFirstStage { side = WindowPadding.even(1).count(of: side, kernel: 3, stride: 2) }
        return side
      }
  }
}

extension ModelRequest {
  /// The size of images for a tower whose other sizes its name says; nil where nobody stated it.
  var imageSizeOfConvolutions: Int? {
    get throws(ModelRequestError) {
      for key in ["patch_size", "width", "layers", "heads"].map({ "model.vision." + $0 }) where isStated(key) {
        throw ModelRequestError(
          key: key, problem: "a tower of convolutions has the sizes that its name says; leave it out")
      }
      return isStated("model.vision.image_size") ? settings.vision.imageSize : nil
    }
  }
}
