public import Audio

/// The clips of b samples as rows, one after the other, none of them padding: a clip has as many as it is long, and a sample without
/// a clip has none.
public struct AudioBatch: Sendable {
  /// [N₁ + … + N_b, M]
  public var values: [Float]
  /// Numbers of a row: M, the bands; 1 where rows are samples.
  public var width: Int
  /// b + 1 of them: the rows of clip i are `offsets[i] ..< offsets[i + 1]`.
  public var offsets: [Int]

  /// - Parameter clips: in the order of the batch; nil where a sample has none.
  public init(_ clips: [BandRows?], width: Int) {
    self.width = width
    offsets = [0]
    values = []
    values.reserveCapacity(clips.reduce(0) { $0 + ($1?.values.count ?? 0) })
    for clip in clips {
      if let clip { values += clip.values }
      offsets.append(values.count / width)
    }
  }

  /// b.
  public var count: Int { offsets.count - 1 }

  /// N of each clip; 0 where a sample has none.
  public var frames: [Int] { (0..<count).map { offsets[$0 + 1] - offsets[$0] } }

  /// The rows of one clip.
  public func rows(of clip: Int) -> ArraySlice<Float> { values[(offsets[clip] * width)..<(offsets[clip + 1] * width)] }
}

/// How a loader makes clips into numbers.
public struct ClipSettings: Sendable {
  public var form: AudioForm
  /// Of training; evaluation changes nothing.
  public var augmentation: AudioAugmentation

  public init(form: AudioForm = .bands(.ast), augmentation: AudioAugmentation = .none) {
    (self.form, self.augmentation) = (form, augmentation)
  }
}
