public import TensorEngine

/// The clips that a model hears, as spectrograms.
public struct ClipShape: Sendable, Equatable {
  /// M
  public var bands: Int
  /// The most frames of a clip.
  public var frames: Int

  public init(bands: Int, frames: Int) { (self.bands, self.frames) = (bands, frames) }
}

/// Spectrograms of clips, end to end and never padded: a clip has as many frames as it is long.
public struct PackedClips {
  /// A row a frame [N₁ + … + N_B, M], normalised as the model's preprocessing says.
  public let rows: Tensor
  /// Clip i has the rows offsets[i] ..< offsets[i + 1].
  public let offsets: [Int]

  public init(rows: Tensor, offsets: [Int]) {
    precondition(offsets.last == rows.rows, "\(rows.shape), and offsets to \(offsets.last ?? -1)")
    (self.rows, self.offsets) = (rows, offsets)
  }

  /// - Parameters:
  ///   - values: row after row.
  ///   - width: M
  public init(_ values: [Float], width: Int, offsets: [Int], _ engine: Engine) {
    self.init(rows: engine.tensor(values, shape: [values.count / width, width]), offsets: offsets)
  }

  /// B
  public var count: Int { offsets.count - 1 }

  /// M
  public var bands: Int { rows.columns }

  /// N of each clip.
  public var frames: [Int] { zip(offsets, offsets.dropFirst()).map { $1 - $0 } }

  /// Each at least so long, with one number in all of what is missing, as some programs pad them.
  public func padded(to frames: Int, with value: Float, _ engine: Engine) -> PackedClips {
    let (lengths, values) = (self.frames, rows.values())
    let numbers = lengths.enumerated().flatMap { clip, length in
      values[offsets[clip] * bands..<offsets[clip + 1] * bands]
        + [Float](repeating: value, count: max(0, frames - length) * bands)
    }
    return PackedClips(
      rows: engine.tensor(numbers, shape: [numbers.count / bands, bands]),
      offsets: lengths.reduce(into: [0]) { $0.append($0[$0.count - 1] + max($1, frames)) })
  }

  subscript(clips: Range<Int>) -> PackedClips {
    let part = offsets[clips.lowerBound]..<offsets[clips.upperBound]
    return PackedClips(
      rows: rows.rows(part), offsets: offsets[clips.lowerBound...clips.upperBound].map { $0 - part.lowerBound })
  }
}
