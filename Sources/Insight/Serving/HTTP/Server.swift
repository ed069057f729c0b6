internal import Glibc

/// Takes connections and answers what is asked on each, a thread to a connection: what is answered computes and reads files for
/// milliseconds to seconds, which would hold up whoever shares a thread.
package final class Server: Sendable {
  private let listener: Listener
  private let handler: any RequestHandler
  private let limits: ServerLimits
  package let counts = ServerCounts()

  package init(_ listener: Listener, _ handler: any RequestHandler, _ limits: ServerLimits = ServerLimits()) {
    (self.listener, self.handler) = (listener, handler)
    var limits = limits
    // Each connection is an open file, and half of them are left for what is read.
    var files = rlimit()
    if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &files) == 0 {
      limits.connections = min(limits.connections, max(1, Int(clamping: files.rlim_cur) / 2))
    }
    self.limits = limits
  }

  /// Answers until it is asked to stop, then lets what is being answered be finished for some seconds.
  package func run(patience: Double = 5, until isStopped: () -> Bool) {
    while !isStopped() {
      if let socket = listener.accept(within: 100) { take(socket) }
    }
    counts.beginEnding()
    let deadline = Deadline(seconds: patience)
    while counts.requests > 0, deadline.milliseconds > 0 { usleep(10_000) }
    counts.interruptAll()
    while counts.connections > 0, deadline.milliseconds > 0 { usleep(10_000) }
  }

  private func take(_ socket: ClientSocket) {
    guard let number = counts.open(socket, atMost: limits.connections) else { return refuse(socket) }
    let conversation = Conversation(
      socket: socket, number: number, limits: limits, handler: handler, counts: counts)
    let isTaken = detachThread { [counts] in
      conversation.run()
      counts.close(number)
    }
    guard !isTaken else { return }
    counts.close(number)
    refuse(socket)
  }

  /// At once, since nobody else is served meanwhile.
  private func refuse(_ socket: ClientSocket) {
    let refusal = Refusal.busy("There are as many connections as this server takes", seconds: 1)
    let response = handler.page(of: refusal, for: nil)
    counts.note(response.status)
    let now = Deadline(seconds: 0)
    try? socket.send(response.bytes(leavesBodyOut: false, closes: true), by: now)
    socket.end(by: now, atMost: 1 << 16)
  }
}
