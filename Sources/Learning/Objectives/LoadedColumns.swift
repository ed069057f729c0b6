public import Batching
public import Models
public import TensorEngine

extension PackedText {
  /// Texts of the loader's as encoders take them.
  public init(_ texts: TextBatch) { self.init(ids: texts.ids, offsets: texts.offsets.map { Int($0) }) }
}

extension ImageShape {
  /// The column that a model reads of images.
  public var column: Column {
    switch self {
    case .pictures: .image
    case .regions: .regions
    case .clips: .audio
    }
  }

  /// What a sample's regions must be; nil where none are read.
  public var regionLimits: RegionLimits? {
    guard case .regions(let shape) = self else { return nil }
    return RegionLimits(width: shape.width, count: shape.limit, classes: shape.classes)
  }
}

extension ColumnSet {
  /// What is read for a model that looks at images of a shape: a task that names photos means what the model sees of them.
  public func seen(as shape: ImageShape) -> ColumnSet { ColumnSet(columns.map { $0 == .image ? shape.column : $0 }) }

  /// What is read where the states of images are known already.
  public func unseen(as shape: ImageShape) -> ColumnSet { without(.image).without(shape.column) }
}

extension Engine {
  /// Clips of the loader's as encoders take them.
  public func clips(_ batch: AudioBatch) -> PackedClips {
    PackedClips(batch.values, width: batch.width, offsets: batch.offsets, self)
  }

  /// Images of the loader's as encoders take them; none where the columns have none. The loader has checked regions.
  public func images(_ columns: BatchColumns, _ shape: ImageShape) -> ImageInput {
    switch shape {
    case .pictures(let side):
      guard let pixels = columns.pixels else { return ImageInput(tensor([Float](), shape: [0, 3, side, side])) }
      if let sizes = columns.sizes {
        let extents = sizes.map { PictureExtent(height: $0.height, width: $0.width) }
        return ImageInput(.pictures(pixels.withUnsafeBufferPointer { Pictures($0, extents: extents, self) }))
      }
      return ImageInput(
        pixels.withUnsafeBufferPointer { tensor($0, shape: [$0.count / (3 * side * side), 3, side, side]) })
    case .regions(let shape):
      let samples = (columns.regions ?? []).map { (features: $0?.features ?? [], edges: $0?.boxes ?? []) }
      return ImageInput(PackedRegions(samples, width: shape.width, self))
    case .clips(let shape):
      return ImageInput(.clips(clips(columns.audio ?? AudioBatch([], width: shape.bands))))
    }
  }
}
