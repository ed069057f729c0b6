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
    case .pictures, .frames: .image
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
  /// Clips of the loader's as encoders take them, those that are there.
  public func clips(_ batch: AudioBatch) -> PackedClips {
    let offsets = [0] + (0..<batch.count).filter { batch.frames[$0] > 0 }.map { batch.offsets[$0 + 1] }
    return PackedClips(batch.values, width: batch.width, offsets: offsets, self)
  }

  /// Images of the loader's as encoders take them, those that are there; none where the columns have none. The loader has checked
  /// regions.
  public func images(_ columns: BatchColumns, _ shape: ImageShape) -> ImageInput {
    switch shape {
    case .pictures(let side):
      guard let pixels = columns.pixels else { return ImageInput(tensor([Float](), shape: [0, 3, side, side])) }
      return pixels.withUnsafeBufferPointer { all in
        if let photos = columns.photos { return images(of: photos, all, sizes: columns.sizes, side: side) }
        guard let sizes = columns.sizes else {
          return ImageInput(tensor(all, shape: [all.count / (3 * side * side), 3, side, side]))
        }
        return ImageInput(.pictures(Pictures(all, extents: sizes.map { PictureExtent($0) }, self)))
      }
    case .regions(let shape):
      let samples = (columns.regions ?? []).map { (features: $0?.features ?? [], edges: $0?.boxes ?? []) }
      return ImageInput(PackedRegions(samples, width: shape.width, self))
    case .clips(let shape):
      return ImageInput(.clips(clips(columns.audio ?? AudioBatch([], width: shape.bands))))
    case .frames(let shape):
      guard let pixels = columns.pixels, let counts = columns.frames else {
        return ImageInput(
          .frames(PackedFrames(Pictures(pixels: tensor([0, 3, shape.side, shape.side])), offsets: [0])))
      }
      return ImageInput(
        .frames(pixels.withUnsafeBufferPointer { PackedFrames($0, counts: counts, side: shape.side, self) }))
    }
  }

  /// Those of the samples that have a photo: what stands for the others is not looked at.
  private func images(
    of photos: [Bool], _ pixels: UnsafeBufferPointer<Float>, sizes: [(height: Int, width: Int)]?, side: Int
  ) -> ImageInput {
    let (present, stride) = (photos.indices.filter { photos[$0] }, pixels.count / max(photos.count, 1))
    let own = present.flatMap { pixels[$0 * stride..<($0 + 1) * stride] }
    guard let sizes, !present.isEmpty else { return ImageInput(tensor(own, shape: [present.count, 3, side, side])) }
    let extents = present.map { PictureExtent(sizes[$0]) }
    return ImageInput(.pictures(own.withUnsafeBufferPointer { Pictures($0, extents: extents, self) }))
  }
}

extension PictureExtent {
  fileprivate init(_ size: (height: Int, width: Int)) { self.init(height: size.height, width: size.width) }
}

extension BatchColumns {
  /// The place of each of so many samples' image, or of what a model sees in its place, among those that are there; nil where it has
  /// none.
  package func imagePlaces(_ shape: ImageShape, count: Int) -> [Int?] {
    shape.modality == .audio ? audio?.places ?? Array(0..<count) : photoPlaces(count: count)
  }

  /// The place of each of so many samples' photo among those that are there; nil where it has none.
  package func photoPlaces(count: Int) -> [Int?] {
    guard let photos else { return Array(0..<count) }
    var next = 0
    return photos.map { isThere in
      defer { next += isThere ? 1 : 0 }
      return isThere ? next : nil
    }
  }
}

extension AudioBatch {
  /// The place of each sample's clip among those that are there; nil where it has none.
  package var places: [Int?] {
    var next = 0
    return frames.map { count in
      guard count > 0 else { return nil }
      defer { next += 1 }
      return next
    }
  }
}
