internal import Glibc

/// Text on its way to a reader who may have stopped reading: Ctrl-S at a terminal, `| less`, a connection that is dead and
/// does not know it yet. A reader who is slow is waited for, once and briefly; while one stands still, what is said
/// waits here, and whoever says it goes on.
public struct MessageQueue {
  private let descriptor: Int32
  private var waiting: [UInt8] = []
  private var lostLines = 0
  private var isStalled = false

  /// Bytes that wait at most; what comes then is counted and left out.
  public static let limit = 1 << 20
  /// Seconds that a reader is given who has read until now.
  private static let patience = 0.2
  /// A pipe that is ready takes so much without blocking (`PIPE_BUF`).
  private static let pieceBytes = 4096

  public init(descriptor: Int32) { self.descriptor = nonBlocking(descriptor) }

  /// Takes whole lines, or text without an end.
  public mutating func add(_ bytes: some Collection<UInt8>) {
    if waiting.count + bytes.count > Self.limit {
      lostLines += max(1, bytes.count { $0 == UInt8(ascii: "\n") })
    } else {
      waiting += bytes
    }
    flush(seconds: isStalled ? 0 : Self.patience)
  }

  /// Writes what waits, for at most so many seconds.
  public mutating func flush(seconds: Double) {
    let end = monotonicSeconds() + seconds
    while !waiting.isEmpty {
      isStalled = !isWritable(descriptor, seconds: max(0, end - monotonicSeconds()))
      if isStalled { return }
      write()
      if waiting.isEmpty, lostLines > 0 { tellOfLoss() }
    }
  }

  private mutating func write() {
    let count = waiting.prefix(Self.pieceBytes).withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
    if count < 0, errno == EINTR || errno == EAGAIN { return }
    // Nobody may be listening any more: that is no reason to stop.
    if count <= 0 { waiting = [] } else { waiting.removeFirst(count) }
  }

  private mutating func tellOfLoss() {
    waiting += "(\(lostLines) lines are left out here: nobody was reading)\n".utf8
    lostLines = 0
  }
}

/// A second way to the same terminal that never blocks; elsewhere the descriptor itself. (A file must keep its place, and a
/// pipe that is ready takes a piece at once.)
private func nonBlocking(_ descriptor: Int32) -> Int32 {
  guard isatty(descriptor) == 1 else { return descriptor }
  let own = open("/proc/self/fd/\(descriptor)", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
  return own >= 0 ? own : descriptor
}

private func isWritable(_ descriptor: Int32, seconds: Double) -> Bool {
  var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
  // An error is an answer too: the write will say which.
  return poll(&request, 1, Int32((seconds * 1000).rounded(.up))) != 0
}
