internal import CKernels

extension Tape {
  /// Square patches of packed spectrograms, which may overlap, as a linear map reads them: clip after clip; of each the patches of the
  /// lowest bands first, from its beginning on, then those of higher ones [Σ patches, P P]. A patch too goes band by band. Frames
  /// that a clip lacks are zeros. Spectrograms get no gradient.
  /// - Parameters:
  ///   - rows: a row a frame [N, M].
  ///   - offsets: clip i has the rows offsets[i] ..< offsets[i + 1].
  ///   - side: P.
  ///   - strides: bands, and frames, from one patch to the next.
  ///   - grids: of each clip the patches along its bands (rows) and along its frames (columns).
  public func patches(
    _ rows: Tensor, offsets: [Int], side: Int, strides: (bands: Int, frames: Int), grids: [PatchGrid]
  ) -> Tensor {
    let bands = rows.columns
    precondition(
      grids.count == offsets.count - 1 && grids.allSatisfy { ($0.rows - 1) * strides.bands + side <= bands },
      "patches: \(grids) of \(side) bands do not lie in \(rows.shape)")
    let places = zip(offsets, grids).enumerated().flatMap { clip, start in
      (0..<start.1.count).map { index in
        ClipPatch(
          frame: start.0 + index % start.1.columns * strides.frames, end: offsets[clip + 1],
          band: index / start.1.columns * strides.bands)
      }
    }
    let patches = engine.tensor([places.count, side * side], engine.activationType)
    engine.overRows(places.count, columns: patches.columns) { range in
      for index in range { engine.write(places[index], of: rows, side: side, to: patches, index) }
    }
    return patches
  }
}

/// Where a patch begins.
private struct ClipPatch {
  let frame: Int
  /// The first frame that is not of its clip.
  let end: Int
  let band: Int
}

extension Engine {
  fileprivate func write(_ patch: ClipPatch, of rows: Tensor, side: Int, to patches: Tensor, _ index: Int) {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: side * side) { values in
      for column in 0..<side {
        let frame = patch.frame + column
        for band in 0..<side {
          values[band * side + column] = frame < patch.end ? rows.floats[frame * rows.columns + patch.band + band] : 0
        }
      }
      guard let source = values.baseAddress else { return }
      if patches.elementType == .bfloat16 {
        kernels.to_bf16(side * side, source, patches.halves + index * side * side)
      } else {
        (patches.floats + index * side * side).update(from: source, count: side * side)
      }
    }
  }
}
