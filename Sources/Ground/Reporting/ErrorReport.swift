/// An error as the last words of a process.
public struct ErrorReport: Sendable {
  public let exitCode: Int32
  private let message: String

  public init(exitCode: Int32, message: String) { (self.exitCode, self.message) = (exitCode, message) }

  public init(_ error: any Error) {
    if let error = error as? any ReportableError {
      self.init(exitCode: error.exitCode.rawValue, message: error.description)
    } else {
      self.init(
        exitCode: ExitCode.internalError.rawValue,
        message:
          "\(printable("\(error)", limit: 1000))\nThis is a mistake in mmtrain: please report it with the command")
    }
  }

  /// - Parameter rank: this process's rank, nil where it runs alone.
  public func text(rank: Int?) -> String {
    let name = rank.map { "rank \($0): " } ?? ""
    return "error: " + (message.hasPrefix(name) ? "" : name) + message
  }
}
