internal import Checkpoints
internal import Collectives
internal import Files
internal import Reporting

/// What becomes of a save: a disk that is full or broken must not end the training, as long as there will be another try.
enum SaveOutcome: Equatable {
  case saved(seconds: Double)
  /// Why, as a sentence; the same on all ranks but for the words, which rank 0 has.
  case failed(reason: String, seconds: Double)

  var isSaved: Bool { if case .saved = self { true } else { false } }
}

/// Runs a collective save; collective.
/// - Parameter mayFail: whether the run can go on without.
/// - Throws: what went wrong, where the run cannot go on without, or where more than the disk went wrong.
func attemptSave(
  mayFail: Bool, _ communicator: any Communicator, _ save: () throws -> Void
) throws -> SaveOutcome {
  let start = monotonicSeconds()
  var failure: (any Error)?
  do { try save() } catch { failure = error }
  // Rank 0 writes; the others only know that it failed, which they must all know before they go on.
  let isOfDisk = failure is FileError || failure is CheckpointError
  let isFollowed = if case TrainingError.otherRankFailed? = failure { true } else { false }
  if let failure, !isOfDisk, !isFollowed { throw failure }
  let mustEnd = try communicator.any(
    communicator.rank == 0 && failure != nil && (!isOfDisk || !mayFail), "end of a save")
  guard let failure else { return .saved(seconds: monotonicSeconds() - start) }
  if mustEnd { throw failure }
  return .failed(reason: "\(failure)", seconds: monotonicSeconds() - start)
}
