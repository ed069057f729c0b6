internal import TensorEngine

/// Gives the regions of images: those of the data, or an encoder's tokens with the cells that they stand for.
struct RegionReader {
  let tower: (encoder: any PictureEncoder, grid: TokenGrid)?

  init(_ tower: (encoder: any PictureEncoder, grid: TokenGrid)?) { self.tower = tower }

  func callAsFunction(_ images: ImageInput, _ tape: Tape) -> PackedRegions {
    guard let (encoder, grid) = tower else { return images.regions }
    let encoding = encoder(images.pictures.pixels, .all, tape)
    let boxes = grid.boxes
    return PackedRegions(
      features: encoding.states, boxes: (0..<images.count).flatMap { _ in boxes }, offsets: encoding.offsets,
      startsWithWhole: grid.hasClassToken)
  }
}

extension RegionReader {
  /// What each region stands for.
  func boxes(of images: ImageInput) -> [[Box]] {
    guard let grid = tower?.grid else { return images.regions.boxesOfImages }
    return grid.boxes(of: images)
  }
}

extension Tape {
  /// x with another row in the place of some: what an objective hides from a model.
  /// - Parameter row: [1, W]
  func replacing(_ rows: [Int], of x: Tensor, by row: Tensor) -> Tensor {
    guard !rows.isEmpty else { return x }
    var places = Array(0..<x.rows)
    for row in rows { places[row] = x.rows }
    return gatherRows(concatenateRows([x, row]), places)
  }
}

extension PackedRegions {
  /// What a model is told of where each region lies [ΣR, 5 or 7].
  func boxNumbers(_ numbers: BoxNumbers, _ engine: Engine) -> Tensor {
    engine.tensor(boxes.flatMap { numbers($0) }, shape: [boxes.count, numbers.rawValue])
  }
}
