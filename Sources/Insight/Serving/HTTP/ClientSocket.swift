internal import Glibc

/// A connection to somebody who asks. Nothing on it waits beyond a moment that is given.
final class ClientSocket: Sendable {
  /// Why nothing more is read or written.
  enum End: Error { case late, gone }

  private let descriptor: Int32

  /// - Parameter descriptor: an open one, which this object closes.
  init(_ descriptor: Int32) {
    self.descriptor = descriptor
    var yes: Int32 = 1
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
  }

  deinit { close(descriptor) }

  /// What has come; nothing where the other side says no more.
  func receive(by deadline: Deadline) throws(End) -> [UInt8] {
    var result = 0
    while true {
      let bytes = [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
        result = recv(descriptor, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT))
        count = max(0, result)
      }
      guard result < 0 else { return bytes }
      guard errno == EAGAIN || errno == EINTR else { throw .gone }
      try wait(for: Int16(POLLIN), by: deadline)
    }
  }

  func send(_ bytes: [UInt8], by deadline: Deadline) throws(End) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
      }
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if errno == EAGAIN {
        try wait(for: Int16(POLLOUT), by: deadline)
      } else if errno != EINTR {
        throw .gone
      }
    }
  }

  /// Says that nothing more comes, and takes what is still under way for a moment: closing at once would take the answer back from
  /// somebody who is still sending.
  /// - Parameter most: bytes after which it is closed all the same.
  func end(by deadline: Deadline, atMost most: Int) {
    shutdown(descriptor, Int32(SHUT_WR))
    var taken = 0
    while taken < most, let bytes = try? receive(by: deadline), !bytes.isEmpty { taken += bytes.count }
  }

  /// Ends what any thread waits for on it.
  func interrupt() { shutdown(descriptor, Int32(SHUT_RDWR)) }

  private func wait(for events: Int16, by deadline: Deadline) throws(End) {
    var waited = pollfd(fd: descriptor, events: events, revents: 0)
    let count = poll(&waited, 1, deadline.milliseconds)
    if count == 0 { throw .late }
    if count < 0, errno != EINTR { throw .gone }
  }
}

/// A moment on the clock that nobody sets.
struct Deadline {
  private let moment: ContinuousClock.Instant

  init(seconds: Double) { moment = ContinuousClock.now + .seconds(seconds) }

  /// Until then, rounded up; 0 from then on.
  var milliseconds: Int32 {
    let rest = moment - ContinuousClock.now
    guard rest > .zero else { return 0 }
    return Int32(min(Double(Int32.max), (rest / .milliseconds(1)).rounded(.up)))
  }
}
