public import Images
public import Layers
internal import TensorEngine

extension ResNetDescription: PictureTowerDescription {
  public static let modelType = "resnet"
  public static let title = "ResNet"
  public static var names: [String] { published.map(\.name) }

  /// The sizes of a name, for images as large as the configuration asks for.
  public init(_ name: String, _ request: ModelRequest) throws(ModelRequestError) {
    guard let sizes = Self.published.first(where: { $0.name == name })?.sizes else {
      throw ModelRequestError(key: "model.name", problem: "\(name) is none of \(Self.names.joined(separator: ", "))")
    }
    self = sizes
    pictures.imageSize = try request.imageSizeOfConvolutions ?? pictures.imageSize
  }

  /// torchvision's arrays. Strides are in none of them: they are taken to be those of the published networks.
  public init?(shape: (_ parameter: String) -> [Int]?) {
    guard let stem = shape("conv1.weight"), stem.count == 4 else { return nil }
    self.init()
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
    shape("conv1.weight") == [stemWidth, 3, 7, 7]
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
    guard depths.count == widths.count else { return "\(depths.count) depths for \(widths.count) widths" }
    if let flaw = outside(depths.count, 1...8, "a number of stages")
      ?? outside(stemWidth, 1...65_536, "a width of the stem")
      ?? outside(imageSize, 1 << (depths.count + 1)...8192, "an image size")
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
    var count = OperationCount(shapes)
    var side = imageSize
    count.convolution(stem, images: lengths.count, side: &side, times: 2)
    side = Self.pool.padding.count(of: side, kernel: Self.pool.kernel, stride: Self.pool.stride)
    for block in blockForms {
      var shortcut = side
      for form in block.convolutions { count.convolution(form, images: lengths.count, side: &side) }
      if let form = block.shortcut { count.convolution(form, images: lengths.count, side: &shortcut) }
    }
    return count.total
  }

  public func makePictureEncoder(_ builder: ParameterBuilder) -> any PictureEncoder { ResNet(self, builder) }
}

extension ResNetDescription: StagedTowerDescription {
  public var stageWidths: [Int] { [stemWidth] + widths }

  public var stageSides: [Int] {
    let first = stem.padding.count(of: imageSize, kernel: stem.kernel, stride: stem.stride)
    var side = Self.pool.padding.count(of: first, kernel: Self.pool.kernel, stride: Self.pool.stride)
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
