internal import Collectives

extension CommunicationSettings.Overlap {
  /// The thread that sums gradients beside the backward pass, or nil where they are summed after it. Collective.
  /// - Parameter warn: is told where that is not what was asked for.
  func makeSum(
    of gradients: any SharedArena, _ communicator: any Communicator, warn: (String) -> Void
  ) throws -> BackgroundSum? {
    guard self == .on || self == .auto && communicator.place.nodes > 1 else { return nil }
    let sum = try communicator.makeBackgroundSum(of: gradients, bucketBytes: nil, "gradients")
    if sum == nil, communicator.size > 1 {
      warn("communication.overlap: this MPI does not offer MPI_THREAD_MULTIPLE: gradients are summed after backward")
    }
    return sum
  }
}
