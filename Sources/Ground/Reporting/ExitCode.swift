/// How the program ends, the same on every version: scripts and schedulers rely on these numbers.
public enum ExitCode: Int32, Sendable {
  case success = 0
  /// The command line is wrong (EX_USAGE).
  case usage = 64
  /// Data that was read is damaged or hostile.
  case badData = 65
  /// An input is missing, or differs between ranks.
  case missingInput = 66
  case network = 69
  /// A mistake of mmtrain's own.
  case internalError = 70
  case cannotCreateOutput = 73
  /// A write failed, for example because the disk is full.
  case inputOutput = 74
  /// Stopped on request, checkpoint saved: run the same command again to go on.
  case stoppedOnRequest = 75
  case configuration = 78
  /// The loss or the weights stopped being finite.
  case diverged = 80
  case ranksDisagree = 81
  case hang = 82
}
