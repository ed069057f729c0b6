internal import Synchronization

/// What a server has to do with at this moment, and has had.
package final class ServerCounts: Sendable {
  private struct State {
    var connections: [Int: ClientSocket] = [:]
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

  /// A number for a connection; nil where there are as many as may be.
  func open(_ socket: ClientSocket, atMost limit: Int) -> Int? {
    state.withLock { state in
      guard state.connections.count < limit else { return nil }
      state.last += 1
      state.connections[state.last] = socket
      return state.last
    }
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
    for socket in state.withLock({ Array($0.connections.values) }) { socket.interrupt() }
  }
}
