public import Layers
public import TensorEngine

/// A linear head for each modality of a task, on what stands for it alone: to know what it tells, or to teach its tower.
public struct ApartHeads {
  public let reader: PooledReader
  private let heads: [Linear]

  /// What the names of their parameters begin with, below those of the task's head.
  public static let prefix = "apart"

  /// - Parameter builder: of the task's head.
  public init(_ reader: PooledReader, _ model: any Model, outputs: Int, _ builder: ParameterBuilder) {
    self.reader = reader
    heads = reader.modalities.map { modality in
      Linear(
        builder[Self.prefix], modality.rawValue, inputs: reader.width(apart: modality, of: model), outputs: outputs,
        keepsFloat32: true, standardDeviation: 0.02)
    }
  }

  /// Vectors of a modality [n, W] → logits [n, outputs].
  /// - Parameter place: of the modality among those of the reader.
  public func logits(_ vectors: Tensor, of place: Int, _ tape: Tape) -> Tensor { heads[place](vectors, tape) }
}
