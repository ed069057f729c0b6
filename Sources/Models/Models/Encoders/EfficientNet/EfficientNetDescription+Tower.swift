public import Images
public import Layers
internal import TensorEngine

extension EfficientNetDescription: PictureTowerDescription {
  public static let modelType = "efficientnet-lite"
  public static let title = "EfficientNet-Lite"
  public static let names = ["efficientnet-lite0"]

  /// Lite0, for images as large as the configuration asks for.
  public init(_ name: String, _ request: ModelRequest) throws(ModelRequestError) {
    self.init()
    pictures.imageSize = try request.imageSizeOfConvolutions ?? pictures.imageSize
  }

  /// Lite0: no shape says where a network has its strides.
  public init?(shape: (_ parameter: String) -> [Int]?) {
    self.init()
    guard shape("conv_stem.weight") == [stemWidth, 3, 3, 3],
      shape("conv_head.weight") == [headWidth, stages.last?.width ?? 0, 1, 1],
      blockForms.allSatisfy({ form in
        form.convolutions.allSatisfy { shape("\(form.name).\($0.name).weight") == $0.form.weightShape }
      })
    else { return nil }
  }

  public var imageSize: Int { pictures.imageSize }
  public var width: Int { headWidth }
  public var usualPreprocessing: Preprocessing { pictures.preprocessing }
  public var hasBatchNorm: Bool { true }

  public var grid: TokenGrid { TokenGrid(side: stageSides.last ?? 0, hasClassToken: false) }

  public var flaw: String? {
    if let flaw = outside(stages.count, 1...16, "a number of stages")
      ?? outside(stemWidth, 1...65_536, "a width of the stem") ?? outside(headWidth, 1...65_536, "a width of the head")
      ?? outside(imageSize, 1...8192, "an image size")
    {
      return flaw
    }
    return stages.lazy.compactMap(\.flaw).first
  }

  public var layers: TowerLayers {
    TowerLayers(
      embeddings: ["conv_stem.", "bn1."], blocks: blockForms.map { [$0.name + "."] },
      finalNorm: ["conv_head.", "bn2."], projection: [])
  }

  /// It is no transformer.
  public var blocks: [BlockGroup] { [] }

  public func operations(_ lengths: [Int], _ shapes: BatchShapes) -> Double {
    var count = OperationCount(shapes)
    var side = imageSize
    count.convolution(stem, images: lengths.count, side: &side, times: 2)
    for block in blockForms {
      for (_, form) in block.convolutions { count.convolution(form, images: lengths.count, side: &side) }
    }
    count.convolution(head, images: lengths.count, side: &side)
    return count.total
  }

  public func makePictureEncoder(_ builder: ParameterBuilder) -> any PictureEncoder { EfficientNet(self, builder) }
}

extension EfficientNetDescription: StagedTowerDescription {
  public var stageWidths: [Int] { stages.indices.filter(endsResolution).map { stages[$0].width } }

  public var stageSides: [Int] {
    var side = stem.padding.count(of: imageSize, kernel: stem.kernel, stride: stem.stride)
    let sides = stages.map { stage in
      side = WindowPadding.same.count(of: side, kernel: stage.kernel, stride: stage.stride)
      return side
    }
    return stages.indices.filter(endsResolution).map { sides[$0] }
  }

  /// Whether the next stage makes the image smaller, or there is none.
  func endsResolution(_ stage: Int) -> Bool { stage + 1 == stages.count || stages[stage + 1].stride > 1 }
}

extension EfficientNetDescription.Stage {
  fileprivate var flaw: String? {
    outside(depth, 1...256, "a depth") ?? outside(kernel, 1...15, "a kernel") ?? outside(stride, 1...2, "a stride")
      ?? outside(expansion, 1...64, "an expansion") ?? outside(width, 1...65_536, "a width")
      ?? (kernel % 2 == 1 ? nil : "a kernel of \(kernel), which has no middle")
  }
}
