internal import Models
internal import TensorEngine

extension CaseRun {
  static let imageInputs = ["input.pixel_values", mask, features, "input.regions", "input.boxes", "input.region_mask"]

  /// 1 where a picture is, from the top left on, and 0 on its margin [B, H, W].
  private static let mask = "input.pixel_mask"

  /// The images of the file as the model reads them: normalized pixels [B, 3, S, S], or regions. An encoder that knows margins reads
  /// pixels of any size [B, 3, H, W].
  func imageInput(for result: String) throws -> ImageInput {
    let images =
      switch model.description.images {
      case .pictures where (model as? any ImageModel)?.imageEncoder.readsExtents == true:
        ImageInput(.pictures(try pictures(for: result)))
      case .pictures(let side): ImageInput(try floats("input.pixel_values", [nil, 3, side, side], for: result))
      case .regions(let shape): ImageInput(try packedRegions(shape, for: result))
      case .clips(let shape): ImageInput(.clips(try packedClips(shape, for: result)))
      case .frames(let shape): ImageInput(.frames(try packedFrames(shape, for: result)))
      }
    return try hiding(images, for: result)
  }

  /// Rows of clips [B, N, M]: all of them, as the file's are padded to one length.
  private func packedClips(_ shape: ClipShape, for result: String) throws -> PackedClips {
    let rows = try floats(Self.features, [nil, nil, shape.bands], for: result)
    let (clips, frames) = (rows.shape[0], rows.shape[1])
    return PackedClips(
      rows: tape.gatherRows(rows, Array(0..<clips * frames)), offsets: (0...clips).map { $0 * frames })
  }

  /// Frames of videos [B, F, 3, S, S]: all of them.
  private func packedFrames(_ shape: FrameShape, for result: String) throws -> PackedFrames {
    let pixels = try floats("input.pixel_values", [nil, nil, 3, shape.side, shape.side], for: result)
    let (videos, frames) = (pixels.shape[0], pixels.shape[1])
    let pictures = tape.engine.tensor(pixels.values(), shape: [videos * frames, 3, shape.side, shape.side])
    return PackedFrames(Pictures(pixels: pictures), offsets: (0...videos).map { $0 * frames })
  }

  private static let features = "input.features"

  private func pictures(for result: String) throws -> Pictures {
    let pixels = try floats("input.pixel_values", [nil, 3, nil, nil], for: result)
    guard has(Self.mask) else { return Pictures(pixels: pixels) }
    let (height, width) = (pixels.shape[2], pixels.shape[3])
    let mask = try integers(Self.mask, [pixels.shape[0], height, width], in: 0..<2, for: result)
    return Pictures(
      pixels: pixels,
      extents: try (0..<pixels.shape[0]).map { picture in
        let own = mask[picture * height * width..<(picture + 1) * height * width]
        let extent = PictureExtent(
          height: stride(from: own.startIndex, to: own.endIndex, by: width).reduce(0) { $0 + own[$1] },
          width: own.prefix(width).reduce(0, +))
        let isOne = own.enumerated().allSatisfy { place, value in
          value == (place / width < extent.height && place % width < extent.width ? 1 : 0)
        }
        guard isOne, extent.height > 0 else {
          throw mistaken(Self.mask, "is no rectangle from the top left of picture \(picture)")
        }
        return extent
      })
  }

  /// `input.regions` [B, R, F] with `input.boxes` [B, R, 4 or more], of which the first four are edges, without what
  /// `input.region_mask` [B, R] hides: the end of each image's. A first region whose box is the whole image stands for it.
  private func packedRegions(_ limits: RegionShape, for result: String) throws -> PackedRegions {
    let (name, boxes) = ("input.regions", "input.boxes")
    let features = try floats(name, [nil, nil, limits.width], for: result)
    let (images, slots) = (features.shape[0], features.shape[1])
    let edges = try floats(boxes, [images, slots, nil], for: result)
    guard edges.shape[2] >= 4 else { throw mistaken(boxes, "has \(edges.shape[2]) numbers a box, and 4 are edges") }
    let lengths = try regionLengths([images, slots], for: result)
    let rows = lengths.enumerated().flatMap { image, length in image * slots..<image * slots + length }
    let all = edges.withValues { values in
      rows.map { row in
        let start = row * edges.shape[2]
        return Box(values[start], values[start + 1], values[start + 2], values[start + 3])
      }
    }
    let offsets = lengths.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
    return PackedRegions(
      features: tape.gatherRows(features, rows), boxes: all, offsets: offsets,
      startsWithWhole: offsets.dropLast().allSatisfy { all[$0] == .whole })
  }

  /// How many regions each image has.
  func regionLengths(_ shape: [Int], for result: String) throws -> [Int] {
    try lengths("input.region_mask", of: ("image", "region"), shape, for: result)
  }

  static let regionLabels = "input.region_labels"

  /// Without the regions that are asked for, where the file leaves it to the model to hide them.
  private func hiding(_ images: ImageInput, for result: String) throws -> ImageInput {
    guard has(Self.regionLabels), let model = model as? any MaskedRegionModel, !model.publishedRegionsAreHidden else {
      return images
    }
    return images.hiding(try labelledPlaces(in: images, of: model, for: result))
  }

  /// Of each image the regions that the file asks for.
  func labelledPlaces(
    in images: ImageInput, of model: any MaskedRegionModel, for result: String
  ) throws -> [[Int]] {
    let slots = try shape(Self.regionLabels, [images.count, nil], for: result)[1]
    let labels = try integers(Self.regionLabels, [images.count, slots], in: -1..<2, for: result)
    return try model.boxesOfRegions(in: images).map(\.count).enumerated().map { image, length in
      let places = (0..<slots).filter { labels[image * slots + $0] == 1 }
      if let place = places.last, place >= length {
        throw mistaken(Self.regionLabels, "asks for region \(place) of image \(image), which has \(length)")
      }
      return places
    }
  }
}
