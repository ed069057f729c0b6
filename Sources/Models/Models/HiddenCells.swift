internal import TensorEngine

/// A part of a picture that can be hidden, in its pixels.
struct PictureCell: Equatable {
  let rows: Range<Int>
  let columns: Range<Int>

  /// The cell of a place of a grid, row by row.
  /// - Parameter extent: what the grid divides; where it does not divide a side evenly, cells differ by a pixel.
  init(_ place: Int, of grid: PatchGrid, in extent: PictureExtent) {
    let (row, column) = (place / grid.columns, place % grid.columns)
    rows = row * extent.height / grid.rows..<(row + 1) * extent.height / grid.rows
    columns = column * extent.width / grid.columns..<(column + 1) * extent.width / grid.columns
  }
}

extension ImageInput {
  /// Cells of a grid in whole pictures, as `hidden` names them.
  func cells(_ places: [[Int]], of grid: TokenGrid) -> [[PictureCell]] {
    let shape = pictures.pixels.shape
    let (whole, cells) = (
      PictureExtent(height: shape[2], width: shape[3]), PatchGrid(rows: grid.rows, columns: grid.columns)
    )
    return places.map { $0.map { PictureCell($0, of: cells, in: whole) } }
  }

  /// What can be seen of whole pictures [B, 3, S, S]: hidden cells of the grid are blank.
  func visiblePixels(in grid: TokenGrid?, _ engine: Engine) -> Tensor {
    precondition(pictures.extents == nil, "an encoder looks at whole pictures")
    guard !hidden.isEmpty else { return pictures.pixels }
    guard let grid else { preconditionFailure("places are hidden from an encoder whose tokens are none") }
    return pictures.blanking(cells(hidden, of: grid), engine).pixels
  }
}

extension Pictures {
  /// The same with cells of each picture blank: zeros, which normalized pixels are on average.
  func blanking(_ cells: [[PictureCell]], _ engine: Engine) -> Pictures {
    let blank = engine.tensor(pixels.shape)
    pixels.withValues { values in
      blank.withMutableValues { blanked in
        _ = blanked.update(from: values)
        for line in lines(of: cells).joined() { blanked[line].update(repeating: 0) }
      }
    }
    return Pictures(pixels: blank, extents: extents)
  }

  /// The pixels of square cells, channel by channel and row by row, each cell by itself brought to mean 0 and variance 1 (He et
  /// al., "Masked Autoencoders Are Scalable Vision Learners", 2022, §4) [K, 3PP].
  func normalizedPatches(_ cells: [[PictureCell]], side: Int, _ engine: Engine) -> Tensor {
    let lines = lines(of: cells)
    let patches = engine.tensor([lines.count, 3 * side * side])
    pixels.withValues { values in
      patches.withMutableValues { all in
        for (row, lines) in lines.enumerated() {
          let patch = UnsafeMutableBufferPointer(
            rebasing: all[row * patches.columns..<(row + 1) * patches.columns])
          _ = patch.update(fromContentsOf: lines.joined().lazy.map { values[$0] })
          normalize(patch)
        }
      }
    }
    return patches
  }

  /// Of each cell the places of its pixels, line by line.
  private func lines(of cells: [[PictureCell]]) -> [[Range<Int>]] {
    let (height, width) = (pixels.shape[2], pixels.shape[3])
    return cells.enumerated().flatMap { picture, cells in
      cells.map { cell in
        (0..<3).flatMap { channel in
          cell.rows.map { row in
            let start = ((picture * 3 + channel) * height + row) * width
            return start + cell.columns.lowerBound..<start + cell.columns.upperBound
          }
        }
      }
    }
  }
}

/// The variance is that of a sample, and 1e-6 is added to it, as the authors' code has it.
private func normalize(_ values: UnsafeMutableBufferPointer<Float>) {
  let mean = values.reduce(0.0) { $0 + Double($1) } / Double(values.count)
  let squares = values.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
  let deviation = (squares / Double(values.count - 1) + 1e-6).squareRoot()
  for place in values.indices { values[place] = Float((Double(values[place]) - mean) / deviation) }
}
