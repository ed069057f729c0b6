public import TensorEngine

/// The images of a batch, as image encoders read them: pictures, regions that another network has described, spectrograms of
/// sounds, or frames of videos.
public struct ImageInput {
  public enum Content {
    case pictures(Pictures)
    case regions(PackedRegions)
    case clips(PackedClips)
    case frames(PackedFrames)
  }

  public let content: Content
  /// Of each image the places that are hidden from the model: numbers of its regions, or of its cells row by row, ascending;
  /// empty where no image hides any.
  public private(set) var hidden: [[Int]] = []

  public init(_ content: Content) { self.content = content }

  /// Pictures without a margin.
  /// - Parameter pixels: normalized as the model's preprocessing says [B, 3, S, S].
  public init(_ pixels: Tensor) { self.init(.pictures(Pictures(pixels: pixels))) }

  public init(_ regions: PackedRegions) { self.init(.regions(regions)) }

  /// B
  public var count: Int {
    switch content {
    case .pictures(let pictures): pictures.pixels.shape[0]
    case .regions(let regions): regions.count
    case .clips(let clips): clips.count
    case .frames(let frames): frames.count
    }
  }

  /// The same with places of each image that the model must tell from the rest.
  public func hiding(_ places: [[Int]]) -> ImageInput {
    precondition(places.count == count, "places of \(places.count) images are hidden, and there are \(count)")
    var made = self
    made.hidden = places.contains { !$0.isEmpty } ? places : []
    return made
  }

  /// Some of the images, in place, without a gradient.
  public subscript(images: Range<Int>) -> ImageInput {
    var part =
      switch content {
      case .pictures(let pictures): ImageInput(.pictures(pictures[images]))
      case .regions(let regions): ImageInput(.regions(regions[images]))
      case .clips(let clips): ImageInput(.clips(clips[images]))
      case .frames(let frames): ImageInput(.frames(frames[images]))
      }
    if !hidden.isEmpty { part = part.hiding(Array(hidden[images])) }
    return part
  }

  /// For an encoder of pictures: what is given to a model is what its description says that it reads.
  public var pictures: Pictures {
    guard case .pictures(let pictures) = content else { preconditionFailure("something else is read as pictures") }
    return pictures
  }

  /// For an encoder of regions.
  public var regions: PackedRegions {
    guard case .regions(let regions) = content else { preconditionFailure("something else is read as regions") }
    return regions
  }

  /// For an encoder of videos.
  public var frames: PackedFrames {
    guard case .frames(let frames) = content else { preconditionFailure("something else is read as frames") }
    return frames
  }

  /// Whether these are sounds.
  public var areClips: Bool {
    guard case .clips = content else { return false }
    return true
  }

  /// For an encoder of sounds.
  public var clips: PackedClips {
    guard case .clips(let clips) = content else { preconditionFailure("something else is read as clips") }
    return clips
  }
}

/// Pictures of one size, each at the top left of it.
public struct Pictures {
  /// Normalized [B, 3, H, W].
  public let pixels: Tensor
  /// How much of it is each picture, the rest being a margin; nil where nothing is.
  public let extents: [PictureExtent]?

  public init(pixels: Tensor, extents: [PictureExtent]? = nil) {
    precondition(extents.map { $0.count == pixels.shape[0] } ?? true, "\(pixels.shape): not an extent a picture")
    (self.pixels, self.extents) = (pixels, extents)
  }

  /// Pictures of several shapes, each at the top left of what has room for the largest.
  /// - Parameters:
  ///   - pixels: of each picture as many numbers as of any other, the first of which are its planes 3×H×W.
  ///   - extents: H and W of each.
  public init(_ pixels: UnsafeBufferPointer<Float>, extents: [PictureExtent], _ engine: Engine) {
    let (height, width) = (extents.map(\.height).max() ?? 0, extents.map(\.width).max() ?? 0)
    let all = engine.zeros([extents.count, 3, height, width])
    let stride = pixels.count / max(extents.count, 1)
    all.withMutableValues { target in
      for (picture, extent) in extents.enumerated() {
        for row in 0..<3 * extent.height {
          let from = picture * stride + row * extent.width
          let to = ((picture * 3 + row / extent.height) * height + row % extent.height) * width
          _ = UnsafeMutableBufferPointer(rebasing: target[to..<to + extent.width])
            .update(fromContentsOf: pixels[from..<from + extent.width])
        }
      }
    }
    self.init(pixels: all, extents: extents)
  }

  subscript(pictures: Range<Int>) -> Pictures {
    Pictures(pixels: pixels.rows(pictures), extents: extents.map { Array($0[pictures]) })
  }
}

extension ImageInput {
  /// With left and right exchanged; nil for regions and clips, which are no pixels, and for pictures with a margin.
  public func mirrored(_ engine: Engine) -> ImageInput? {
    guard case .pictures(let pictures) = content, pictures.extents == nil else { return nil }
    let (values, width) = (pictures.pixels.values(), pictures.pixels.shape[3])
    let mirrored = values.indices.map { values[$0 - $0 % width + width - 1 - $0 % width] }
    return ImageInput(engine.tensor(mirrored, shape: pictures.pixels.shape))
  }
}

/// The part of an array of pixels that is a picture.
public struct PictureExtent: Equatable, Sendable {
  public let height: Int
  public let width: Int

  public init(height: Int, width: Int) { (self.height, self.width) = (height, width) }
}

/// Regions of images, end to end and never padded: what is there, and where.
public struct PackedRegions {
  /// [ΣR, F]
  public let features: Tensor
  /// A row each.
  public let boxes: [Box]
  /// Image i has the rows offsets[i] ..< offsets[i + 1].
  public let offsets: [Int]
  /// Whether the first row of each image stands for the whole of it, as a class token does: it is no place that can be hidden.
  public let startsWithWhole: Bool

  public init(features: Tensor, boxes: [Box], offsets: [Int], startsWithWhole: Bool = false) {
    precondition(
      features.rows == boxes.count && offsets.last == boxes.count,
      "features \(features.shape), \(boxes.count) boxes, offsets to \(offsets.last ?? -1)")
    (self.features, self.boxes, self.offsets) = (features, boxes, offsets)
    self.startsWithWhole = startsWithWhole
  }

  /// As they are stored, image by image: features [R, F], the bits of float16, and the edges of boxes [R, 4].
  /// - Parameter width: F.
  public init(_ images: [(features: [UInt16], edges: [Float])], width: Int, _ engine: Engine) {
    let offsets = images.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.edges.count / 4) }
    let features = engine.tensor([offsets[images.count], width])
    features.withMutableValues { values in
      for (start, image) in zip(offsets, images) {
        precondition(
          image.features.count == image.edges.count / 4 * width, "regions that are not \(width) numbers wide")
        for (place, half) in image.features.enumerated() {
          values[start * width + place] = Float(Float16(bitPattern: half))
        }
      }
    }
    let boxes = images.flatMap { image in
      stride(from: 0, to: image.edges.count, by: 4).map {
        Box(image.edges[$0], image.edges[$0 + 1], image.edges[$0 + 2], image.edges[$0 + 3])
      }
    }
    self.init(features: features, boxes: boxes, offsets: offsets)
  }

  public var count: Int { offsets.count - 1 }

  /// Image by image.
  var boxesOfImages: [[Box]] { zip(offsets, offsets.dropFirst()).map { Array(boxes[$0..<$1]) } }

  /// Rows of places that are hidden, as `ImageInput.hidden` has them.
  func rows(of places: [[Int]]) -> [Int] {
    let first = startsWithWhole ? 1 : 0
    return zip(offsets, places).flatMap { start, places in places.map { start + first + $0 } }
  }

  subscript(images: Range<Int>) -> PackedRegions {
    let rows = offsets[images.lowerBound]..<offsets[images.upperBound]
    return PackedRegions(
      features: features.rows(rows), boxes: Array(boxes[rows]),
      offsets: offsets[images.lowerBound...images.upperBound].map { $0 - rows.lowerBound },
      startsWithWhole: startsWithWhole)
  }
}
