public import Layers
public import TensorEngine

/// The tokens of pictures: a class token, then a linear map of each patch, and learned positions on top (Dosovitskiy et al., 2021,
/// eq. 1). A vision transformer begins with it; where images and texts meet from the start it is all that a picture goes through
/// by itself.
public struct PatchEmbeddings: ImageEncoder {
  public let classEmbedding: Parameter
  public let positionEmbedding: Parameter
  public let patchWeight: Parameter
  public let patchBias: Parameter
  /// Patches along a side of the pictures that the positions are for.
  let side: Int
  private let patchSize: Int

  /// What the arrays are called.
  struct Names {
    let classToken: String
    let positions: String
    let patches: String

    /// In Hugging Face's ViT.
    static let vit = Names(
      classToken: "cls_token", positions: "position_embeddings", patches: "patch_embeddings.projection")
    static let blip = Names(
      classToken: "class_embedding", positions: "position_embedding", patches: "patch_embedding")
  }

  /// - Parameter builder: of these arrays.
  init(
    imageSize: Int, patchSize: Int, channels: Int, width: Int, deviation: Float, names: Names = .vit,
    _ builder: ParameterBuilder
  ) {
    (side, self.patchSize) = (imageSize / patchSize, patchSize)
    let drawn = Initialization.normal(standardDeviation: deviation)
    classEmbedding = builder.parameter(names.classToken, [1, 1, width], drawn)
    positionEmbedding = builder.parameter(
      names.positions, [1, 1 + side * side, width], drawn, firstOfGrid: 1)
    let projection = builder[names.patches]
    patchWeight = projection.parameter("weight", [width, channels, patchSize, patchSize], drawn)
    patchBias = projection.parameter("bias", [width], .constant(0))
  }

  /// Pictures of the size that the positions are for: pixels [B, 3, S, S] → [B (1 + P), W].
  func embed(_ pixels: Tensor, _ tape: Tape) -> Tensor {
    tape.patchEmbedding(
      pixels: pixels, weight: patchWeight.tensor, bias: patchBias.tensor, classEmbedding: classEmbedding.tensor,
      position: positionEmbedding.tensor)
  }

  public var width: Int { patchWeight.shape[0] }
  public var readsExtents: Bool { true }

  /// Of the picture without its margin.
  public func boxes(of images: ImageInput) -> [[Box]]? {
    images.pictures.grids(ofPatches: patchSize).map {
      TokenGrid(rows: $0.rows, columns: $0.columns, hasClassToken: true).boxes
    }
  }

  /// The tokens of all pictures, whatever is asked for; the class token of a picture stands for it. Hidden patches are blank.
  public func callAsFunction(_ images: ImageInput, _ tokens: EncodedTokens, _ tape: Tape) -> Encoding {
    let grids = images.pictures.grids(ofPatches: patchSize)
    let pictures =
      images.hidden.isEmpty ? images.pictures : images.pictures.blanking(cells(images.hidden, grids), tape.engine)
    let offsets = grids.reduce(into: [0]) { $0.append($0[$0.count - 1] + 1 + $1.count) }
    let isUsual = pictures.extents == nil && grids.allSatisfy { $0 == PatchGrid(rows: side, columns: side) }
    return Encoding(
      states: isUsual ? embed(pictures.pixels, tape) : embed(pictures.pixels, grids, tape), offsets: offsets,
      pooledAt: Array(offsets.dropLast()))
  }

  /// Pictures of any size, each at the top left of the pixels: every patch of a picture is read and nothing else, and the
  /// positions are brought to its grid (Kim et al., "ViLT", 2021).
  private func embed(_ pixels: Tensor, _ grids: [PatchGrid], _ tape: Tape) -> Tensor {
    let patches = tape.linear(
      tape.patches(pixels, side: patchSize, grids: grids), weight: patchWeight.tensor, bias: patchBias.tensor,
      keepsFloat32: true)
    var rows: [Int] = []
    var next = 1
    for grid in grids {
      rows.append(0)
      rows += next..<next + grid.count
      next += grid.count
    }
    let tokens = tape.gatherRows(
      tape.concatenateRows([tape.gatherRows(classEmbedding.tensor, [0]), patches]), rows)
    let positions = grids.flatMap { [RowMixture(row: 0)] + resizedPositions(side: side, to: $0) }
    return tape.add(tokens, tape.mixRows(positionEmbedding.tensor, positions))
  }
}

// MARK: What is asked of hidden patches

extension PatchEmbeddings {
  /// Of each picture the boxes of its patches, row by row.
  func boxesOfPatches(in images: ImageInput) -> [[Box]] {
    images.pictures.grids(ofPatches: patchSize).map {
      TokenGrid(rows: $0.rows, columns: $0.columns, hasClassToken: false).boxes
    }
  }

  /// The normalised pixels of some of them, picture by picture [K, 3PP].
  func normalizedPixels(of images: ImageInput, at places: [[Int]], _ engine: Engine) -> Tensor {
    let pictures = images.pictures
    return pictures.normalizedPatches(cells(places, pictures.grids(ofPatches: patchSize)), side: patchSize, engine)
  }

  private func cells(_ places: [[Int]], _ grids: [PatchGrid]) -> [[PictureCell]] {
    zip(places, grids).map { places, grid in
      let whole = PictureExtent(height: grid.rows * patchSize, width: grid.columns * patchSize)
      return places.map { PictureCell($0, of: grid, in: whole) }
    }
  }
}

extension Pictures {
  /// The patches that each picture has; what does not fill one is no part of it.
  func grids(ofPatches side: Int) -> [PatchGrid] {
    let whole = PictureExtent(height: pixels.shape[2], width: pixels.shape[3])
    return (extents ?? [PictureExtent](repeating: whole, count: pixels.shape[0])).map {
      PatchGrid(rows: $0.height / side, columns: $0.width / side)
    }
  }
}

/// A table of side × side positions behind a class token's row, brought to another grid: bilinear, with the corners of the one on
/// those of the other. Row by row.
package func resizedPositions(side: Int, to grid: PatchGrid) -> [RowMixture] {
  let (down, across) = (Line(grid.rows, of: side), Line(grid.columns, of: side))
  return (0..<grid.rows).flatMap { row in
    (0..<grid.columns).map { column in
      RowMixture(
        down[row].flatMap { y in
          across[column].map { x in (1 + y.place * side + x.place, y.weight * x.weight) }
        })
    }
  }
}

/// Between which places of a line each place of another lies.
private struct Line {
  private let step: Float
  private let last: Int

  /// - Parameters:
  ///   - count: places of the new line.
  ///   - side: of the old one.
  init(_ count: Int, of side: Int) {
    (step, last) = (count > 1 ? Float(side - 1) / Float(count - 1) : 0, side - 1)
  }

  subscript(place: Int) -> [(place: Int, weight: Float)] {
    let position = min(Float(place) * step, Float(last))
    let before = Int(position)
    let share = position - Float(before)
    return [(before, 1 - share), (min(before + 1, last), share)]
  }
}
