internal import Audio
internal import Images
internal import Layers
internal import Settings

/// Where the regions come from that a model reads: the data, or an encoder of pictures, whose tokens then stand for the cells
/// of its grid. So a model of regions needs no detector.
struct RegionSource {
  enum Kind {
    case given(RegionShape)
    case tower(any ImageTowerDescription)
  }

  var kind: Kind
  /// Classes whose probabilities the data's regions have, the background first; nil where they have none, or nobody knows.
  private(set) var classes: Int?

  init(_ kind: Kind) { self.kind = kind }

  var tower: (any ImageTowerDescription)? {
    guard case .tower(let tower) = kind else { return nil }
    return tower
  }

  /// The same, where it reads pictures.
  private var pictureTower: (any PictureTowerDescription)? { tower as? any PictureTowerDescription }

  /// F
  var width: Int {
    switch kind {
    case .given(let shape): shape.width
    case .tower(let tower): tower.width
    }
  }

  /// Most regions of an image, its class token among them.
  var limit: Int {
    switch kind {
    case .given(let shape): shape.limit
    case .tower(let tower): tower.tokens
    }
  }

  /// P: the side of the patches that its regions are; nil where they are no squares of pixels.
  var patchSide: Int? { pictureTower.flatMap { $0.grid.patchSide(of: $0.imageSize) } }

  /// Whether a region is more than the pixels that lie in it, so that it can be told by numbers of its own.
  var hasFeatures: Bool { pictureTower?.statesAreFeatures ?? true }

  /// The same, of which each region must have the probabilities of its classes; nil where that cannot be.
  var withClasses: RegionSource? {
    guard case .given(var shape) = kind, let classes else { return nil }
    var made = self
    shape.classes = classes
    made.kind = .given(shape)
    return made
  }

  /// What to do for what a hidden region is to be told by, where that cannot be.
  /// - Parameter told: classes that a head tells already.
  func advice(on part: ModelPart, told: Int?) -> String? {
    switch part {
    case .regionFeatures:
      hasFeatures ? nil : "a patch is nothing but its pixels; ask for these (pixels), or set it to 0"
    case .regionClasses:
      if let told, let classes, told != classes {
        "its weights tell \(told) classes, and the data's regions have \(classes); prepare data of the classes that the "
          + "weights know, or set it to 0"
      } else if tower == nil {
        "the data's regions have no probabilities of classes; prepare them from .npz files with soft_labels "
          + "(docs/data.md), or set it to 0"
      } else {
        "cells of an image tower have no classes; leave model.vision.encoder and initialize.vision out, and prepare data "
          + "with regions, or set it to 0"
      }
    case .regionPixels: "its regions are no patches of pixels; set model.vision.encoder to vit, or set it to 0"
    default: nil
    }
  }

  /// Whether each image's first region stands for all of it.
  var startsWithWhole: Bool { pictureTower?.grid.hasClassToken ?? false }

  var images: ImageShape {
    switch kind {
    case .given(let shape): .regions(shape)
    case .tower(let tower): tower.images
    }
  }

  var flaw: String? {
    switch kind {
    case .given(let shape): shape.flaw
    case .tower(let tower): tower.flaw.map { "the image tower: " + $0 }
    }
  }

  var preprocessing: Preprocessing? { pictureTower?.usualPreprocessing }
  var clips: AudioPreprocessing? { (tower as? any ClipTowerDescription)?.usualClips }
  var blocks: [BlockGroup] { tower?.blocks ?? [] }
  var hasBatchNorm: Bool { tower?.hasBatchNorm ?? false }

  /// Of an image tower: none for regions that are there.
  func operations(images: Int, _ shapes: BatchShapes) -> Double {
    tower?.operations([Int](repeating: 1, count: images), shapes) ?? 0
  }

  func make(_ builder: ParameterBuilder) -> RegionReader {
    RegionReader(pictureTower?.makePictureEncoder(builder))
  }
}

extension RegionSource: Equatable {
  static func == (a: RegionSource, b: RegionSource) -> Bool {
    switch (a.kind, b.kind) {
    case (.given(let a), .given(let b)): a == b
    case (.tower(let a), .tower(let b)): a.isEqual(to: b)
    default: false
    }
  }
}

extension OperationCount {
  /// What brings regions, and the numbers of where they lie, to a stream's width. What is given needs no gradient.
  mutating func embed(_ regions: RegionSource, rows: Int, _ numbers: BoxNumbers, width: Int) {
    product(rows, regions.width, width, times: regions.tower == nil ? 2 : 3)
    product(rows, numbers.rawValue, width, times: 2)
  }
}

// MARK: Names in config.json

extension RegionSource {
  private enum CodingKeys: String, CodingKey {
    case limit = "region_limit"
    case tower = "vision_config"
  }

  /// What a `config.json` may have beside its model's own keys.
  static let keys = [CodingKeys.limit.rawValue, CodingKeys.tower.rawValue]
  /// Published files do not say how many regions a photo has; their detectors give no more.
  private static let publishedLimit = 100

  /// - Parameter width: F, as the model's own keys have it.
  init(_ file: Settings, width: Int) throws(SettingsError) {
    if let tower = try file.group(CodingKeys.tower.rawValue) {
      kind = .tower(try TowerCatalogue.image(tower))
    } else {
      let limit = try file.whole(CodingKeys.limit.rawValue) ?? Self.publishedLimit
      kind = .given(RegionShape(width: width, limit: limit))
    }
  }

  func encode(to encoder: any Encoder) throws {
    var keys = encoder.container(keyedBy: CodingKeys.self)
    switch kind {
    case .given(let shape): try keys.encode(shape.limit, forKey: .limit)
    case .tower(let tower): try tower.encode(to: keys.superEncoder(forKey: .tower))
    }
  }
}

// MARK: What a run asks for

extension RegionSource {
  /// Regions of the data, unless an image tower is named; without one a run may not speak of its sizes.
  /// - Parameter model: for people.
  init(_ request: ModelRequest, of model: String) throws(ModelRequestError) {
    let named = request.settings.vision.encoder
    guard request.towers.picture == nil, named ?? TowerCatalogue.regions == TowerCatalogue.regions else {
      kind = .tower(try request.pictureTower())
      return
    }
    let keys = ["image_size", "patch_size", "width", "layers", "heads"].map { "model.vision." + $0 }
    if let key = keys.first(where: request.isStated) {
      throw ModelRequestError(
        key: key,
        problem: "\(model) reads regions of the data; name a tower with model.vision.encoder, or leave the key out")
    }
    kind = .given(request.regionShape)
    classes = request.regionClasses
  }

  /// Of weights that are there: what the data have, and the most regions of a photo, or the size of pictures, where a run states it.
  mutating func take(_ request: ModelRequest) throws(ModelRequestError) {
    let key = "model.vision.image_size"
    switch kind {
    case .given(var shape):
      guard !request.isStated(key) else {
        throw ModelRequestError(key: key, problem: "its weights read regions of the data; leave the key out")
      }
      classes = request.regionClasses
      guard request.isStated("model.regions.limit") else { return }
      shape.limit = request.settings.regions.limit
      kind = .given(shape)
    case .tower(let tower):
      let asked = request.settings.vision.imageSize
      guard request.isStated(key), .pictures(side: asked) != tower.images else { return }
      guard var made = tower as? any ResizableTowerDescription else {
        throw ModelRequestError(
          key: key,
          problem:
            "\(type(of: tower).title) reads \(tower.images.words) here, and only positions of patches "
            + "are brought to others; leave the key out")
      }
      made.imageSize = asked
      kind = .tower(made)
    }
  }

  /// Keys that say what an image tower's weights say.
  static let towerKeys = ["encoder", "patch_size", "width", "layers", "heads", "stages"].map { "model.vision." + $0 }
}
