internal import Glibc

/// Where progress goes, and how it may look there.
public struct ProgressOutput: Sendable {
  /// A line that is redrawn in place, rather than one line after the other.
  public var isLive: Bool
  public var isColoured: Bool
  /// Columns; asked for at each drawing, as windows change.
  var width: @Sendable () -> Int
  var write: @Sendable (String) -> Void
  /// Told where the work is each time that it gets on, which is far more often than anything is written; nil where nobody
  /// waits for it.
  public var witness: (@Sendable (_ place: String) -> Void)?

  public init(
    isLive: Bool, isColoured: Bool, width: @escaping @Sendable () -> Int, write: @escaping @Sendable (String) -> Void
  ) {
    self.isLive = isLive
    self.isColoured = isColoured
    self.width = width
    self.write = write
  }

  /// Standard error: live on a terminal that can redraw, coloured unless `NO_COLOR` is set (https://no-color.org).
  /// - Parameter environment: the value of a variable, or nil.
  public static func standardError(environment: (String) -> String?) -> ProgressOutput {
    let isLive = isatty(STDERR_FILENO) == 1 && environment("TERM") != "dumb" && environment("TERM") != nil
    return ProgressOutput(
      isLive: isLive, isColoured: isLive && (environment("NO_COLOR") ?? "").isEmpty, width: terminalWidth,
      write: writeToStandardError)
  }

  /// For the ranks that leave the talking to rank 0.
  public static let silent = ProgressOutput(isLive: false, isColoured: false, width: { 80 }, write: { _ in })
}

/// Columns of the terminal behind standard error, 80 where that is unknown.
@Sendable private func terminalWidth() -> Int {
  var size = winsize()
  guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
  return Int(size.ws_col)
}
