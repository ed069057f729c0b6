import Synchronization

/// Collects what a hook is told.
final class Recorder: Sendable {
  private let state = Mutex<[String]>([])
  var values: [String] { state.withLock { $0 } }
  func append(_ value: String) { state.withLock { $0.append(value) } }
}
