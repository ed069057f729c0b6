internal import CKernels
internal import Glibc

/// How many patches an image has down and across.
public struct PatchGrid: Hashable, Sendable {
  public let rows: Int
  public let columns: Int

  public init(rows: Int, columns: Int) { (self.rows, self.columns) = (rows, columns) }

  public var count: Int { rows * columns }
}

extension Tape {
  /// Square patches of images [B, C, H, W] as a linear map reads them: row by row from the top left, image after image
  /// [Σ patches, C P P]. Pixels get no gradient.
  /// - Parameters:
  ///   - side: P.
  ///   - grids: patches of each image.
  public func patches(_ pixels: Tensor, side: Int, grids: [PatchGrid]) -> Tensor {
    engine.patches(pixels, side: side, grids: grids)
  }
}

extension Engine {
  func patches(_ pixels: Tensor, side: Int, grids: [PatchGrid]) -> Tensor {
    let (channels, height, width) = (pixels.shape[1], pixels.shape[2], pixels.shape[3])
    precondition(
      grids.count == pixels.shape[0] && grids.allSatisfy { $0.rows * side <= height && $0.columns * side <= width },
      "patches: \(grids) of \(side) pixels do not lie in \(pixels.shape)")
    let starts = grids.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
    let imageOfPatch = grids.indices.flatMap { [Int](repeating: $0, count: grids[$0].count) }
    let patches = tensor([imageOfPatch.count, channels * side * side], activationType)
    overRows(patches.rows, columns: patches.columns) { range in
      for row in range {
        let image = imageOfPatch[row]
        let (index, across) = (row - starts[image], grids[image].columns)
        var place = row * patches.columns
        for channel in 0..<channels {
          let plane = pixels.floats + (image * channels + channel) * height * width
          var source = plane + (index / across) * side * width + (index % across) * side
          for _ in 0..<side {
            if patches.elementType == .bfloat16 {
              kernels.to_bf16(side, source, patches.halves + place)
            } else {
              memcpy(patches.floats + place, source, side * 4)
            }
            place += side
            source += width
          }
        }
      }
    }
    return patches
  }
}
