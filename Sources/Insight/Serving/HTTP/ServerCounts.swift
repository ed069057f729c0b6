internal import Synchronization

/// What a server has to do with at this moment, and has had.
package final class ServerCounts: Sendable {
  private struct Connection {
    let socket: ClientSocket
    /// Since when it has not said a whole head; nil while it is answered.
    var waits: ContinuousClock.Instant?
  }

  private struct State {
    var connections: [Int: Connection] = [:]
    var last = 0
    var requests = 0
    var isEnding = false
    var answered = 0
    var refused = 0
  }

  private let state = Mutex(State())

  /// Answers that were given, and those of them that were refusals.
  package var answered: (all: Int, refused: Int) { state.withLock { ($0.answered, $0.refused) } }

  // MARK: Connections

  /// A number for a connection. Where there are as many as may be, one that has said nothing whole for a second makes room, so that
  /// slow ones keep nobody out; nil where there is none.
  func open(_ socket: ClientSocket, atMost limit: Int) -> Int? {
    state.withLock { state in
      if state.connections.count >= limit {
        let limit = ContinuousClock.now - .seconds(1)
        let oldest = state.connections.filter { $0.value.waits.map { $0 < limit } ?? false }.min { $0.key < $1.key }
        guard let oldest else { return nil }
        oldest.value.socket.interrupt()
        state.connections[oldest.key] = nil
      }
      state.last += 1
      state.connections[state.last] = Connection(socket: socket, waits: .now)
      return state.last
    }
  }

  /// - Parameter waits: whether its next head is waited for.
  func note(_ number: Int, waits: Bool) {
    state.withLock { $0.connections[number]?.waits = waits ? .now : nil }
  }

  func close(_ number: Int) { state.withLock { _ = $0.connections.removeValue(forKey: number) } }

  var connections: Int { state.withLock(\.connections.count) }

  // MARK: Requests

  /// False where there are as many as may be.
  func begin(atMost limit: Int) -> Bool {
    state.withLock { state in
      guard state.requests < limit else { return false }
      state.requests += 1
      return true
    }
  }

  func end() { state.withLock { $0.requests -= 1 } }

  var requests: Int { state.withLock(\.requests) }

  func note(_ status: HTTPStatus) {
    state.withLock {
      $0.answered += 1
      $0.refused += status.rawValue >= 400 ? 1 : 0
    }
  }

  // MARK: The end

  /// From now on each answer is the last of its connection.
  func beginEnding() { state.withLock { $0.isEnding = true } }

  var isEnding: Bool { state.withLock(\.isEnding) }

  func interruptAll() {
    for socket in state.withLock({ $0.connections.values.map(\.socket) }) { socket.interrupt() }
  }
}
