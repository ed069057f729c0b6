public import Logging

/// Writes log messages for people to standard error: `warning: what happened`, with the rank where there are several.
///
/// Information is said in the words of the message alone; metadata other than the rank follows as `key=value`.
public struct StandardErrorLogHandler: LogHandler {
  public var metadata: Logger.Metadata = [:]
  public var logLevel: Logger.Level
  private let write: @Sendable (String) -> Void

  /// - Parameter write: where a line goes, its line break included.
  public init(logLevel: Logger.Level = .info, write: @escaping @Sendable (String) -> Void = writeToStandardError) {
    (self.logLevel, self.write) = (logLevel, write)
  }

  public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  public func log(event: LogEvent) {
    var all = metadata.merging(event.metadata ?? [:]) { _, new in new }
    let rank = all.removeValue(forKey: "rank").map { "rank \($0): " } ?? ""
    let level = event.level == .info ? "" : "\(event.level): "
    let details = all.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
    write(level + rank + "\(event.message)" + printable(details, limit: 2000) + "\n")
  }
}

/// A logger for this process: ranks other than 0 name themselves, and only they and rank 0's warnings reach a person.
/// - Parameter rank: nil where the process runs alone.
public func makeLogger(rank: Int?) -> Logger {
  var logger = Logger(label: "mmtrain") { _ in StandardErrorLogHandler() }
  if let rank, rank > 0 {
    logger[metadataKey: "rank"] = "\(rank)"
    logger.logLevel = .error
  }
  return logger
}
