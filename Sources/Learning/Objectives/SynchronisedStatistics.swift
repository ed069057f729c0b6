public import Collectives
public import TensorEngine

extension BatchStatistics {
  /// The global batch's: sums are taken over the ranks, so that any number of them computes what one does with the whole
  /// batch. Two calls a norm in the forward pass and one in the backward pass, in the order in which the model has its norms:
  /// the same on all ranks, however large a rank's part is. A rank must have a part.
  public static func synchronised(_ communicator: any Communicator) -> BatchStatistics {
    BatchStatistics { numbers in
      try numbers.withUnsafeMutableBufferPointer {
        try communicator.allReduce($0, .sum, "statistics of batch norm")
      }
    }
  }
}
