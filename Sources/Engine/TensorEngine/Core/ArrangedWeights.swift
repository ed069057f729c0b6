internal import Synchronization

/// Weights of convolutions in the order in which oneDNN reads them, each arranged once: weights must not change while it lives.
/// A tape makes one of its own; who keeps a model as it is hands tapes one that outlives them, and threads may share that.
public final class ArrangedWeights {
  private struct Key: Hashable {
    let weight: ObjectIdentifier
    let order: UInt64
  }

  private let lock = Mutex(())
  // Looked up, never walked through. With the weight, whose address must not be another's.
  private var made: [Key: (weight: Tensor, arranged: Tensor)] = [:]
  private let outlivesTapes: Bool

  /// That outlives tapes.
  public convenience init() { self.init(outlivesTapes: true) }

  init(outlivesTapes: Bool) { self.outlivesTapes = outlivesTapes }

  /// - Parameter arrange: is called once for a weight and an order.
  func callAsFunction(_ weight: Tensor, _ order: WeightOrder, _ engine: Engine, _ arrange: (Tensor) -> Void) -> Tensor {
    let key = Key(weight: ObjectIdentifier(weight), order: order.code)
    var result: Tensor?
    lock.withLock { _ in
      if let found = made[key] {
        result = found.arranged
      } else {
        let arranged = room(order.count, engine)
        arrange(arranged)
        made[key] = (weight, arranged)
        result = arranged
      }
    }
    guard let result else { preconditionFailure("a lock that did not run what it guards") }
    return result
  }

  /// An engine's pool belongs to one thread, and what is shared to none.
  private func room(_ count: Int, _ engine: Engine) -> Tensor {
    guard outlivesTapes else { return engine.tensor([count]) }
    let storage = Storage(zeroed: count * MemoryLayout<Float>.size)
    return Tensor(shape: [count], storage: storage, requiresGradient: false)
  }
}
