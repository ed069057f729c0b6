internal import TensorEngine

/// Gives the regions of images: those of the data, or an encoder's tokens with the cells that they stand for, of which it sees
/// nothing where they are hidden; the features of hidden regions of the data are whoever's who asked to hide.
struct RegionReader {
  let tower: (encoder: any PictureEncoder, grid: TokenGrid)?

  /// - Parameter encoder: whose tokens are places; nil for regions of the data.
  init(_ encoder: (any PictureEncoder)?) {
    tower = encoder.map { encoder in
      guard let grid = encoder.places else { preconditionFailure("an encoder's tokens are no regions of a picture") }
      return (encoder, grid)
    }
  }

  func callAsFunction(_ images: ImageInput, _ tape: Tape) -> PackedRegions {
    guard let (encoder, grid) = tower else { return images.regions }
    let encoding = encoder(images, .all, tape)
    let boxes = grid.boxes
    return PackedRegions(
      features: encoding.states, boxes: (0..<images.count).flatMap { _ in boxes }, offsets: encoding.offsets,
      startsWithWhole: grid.hasClassToken)
  }
}

// MARK: What is asked of hidden regions

extension RegionReader {
  /// Of each image the boxes of what can be hidden.
  func boxesOfRegions(in images: ImageInput) -> [[Box]] {
    guard let grid = tower?.grid else {
      let regions = images.regions
      return regions.boxesOfImages.map { Array($0.dropFirst(regions.startsWithWhole ? 1 : 0)) }
    }
    let cells = Array(grid.boxes.suffix(grid.rows * grid.columns))
    return [[Box]](repeating: cells, count: images.count)
  }

  /// The features of some of them, image by image, as they are where nothing is hidden [K, F].
  func features(of images: ImageInput, at places: [[Int]], _ engine: Engine) -> Tensor {
    let tape = Tape(engine, recording: false)
    let whole = self(images.hiding([[Int]](repeating: [], count: images.count)), tape)
    return tape.float32(tape.gatherRows(whole.features, whole.rows(of: places)))
  }

  /// The normalised pixels of some of them [K, 3PP]; nil where they are no squares of a picture.
  func pixels(of images: ImageInput, at places: [[Int]], _ engine: Engine) -> Tensor? {
    guard let grid = tower?.grid, let side = grid.patchSide(of: images.pictures.pixels.shape[3]) else { return nil }
    return images.pictures.normalizedPatches(images.cells(places, of: grid), side: side, engine)
  }
}

extension TokenGrid {
  /// P: the pixels of a cell's side in square pictures; nil where cells are no equal squares.
  /// - Parameter imageSize: S.
  func patchSide(of imageSize: Int) -> Int? {
    rows == columns && imageSize % rows == 0 ? imageSize / rows : nil
  }
}

extension RegionReader {
  /// What each token stands for, that of a whole image too.
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
