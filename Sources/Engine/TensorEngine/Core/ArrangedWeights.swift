internal import COneDNN
internal import Synchronization

/// Weights in the form in which oneDNN reads them, each made once: weights must not change while it lives.
/// A tape makes one of its own, for convolutions; who keeps a model as it is hands tapes one that outlives them, and threads may
/// share that.
public final class ArrangedWeights {
  private struct Key: Hashable {
    let weight: ObjectIdentifier
    let order: UInt64
  }
  /// With the weight, whose address must not be another's. Looked up, never walked through.
  private typealias Made<Form> = [Key: (weight: Tensor, form: Form)]

  private let lock = Mutex(())
  private var convolutions: Made<Tensor> = [:]
  private var panels: Made<WeightPanels> = [:]
  private var rounded: Made<Tensor> = [:]
  private let outlivesTapes: Bool

  /// That outlives tapes.
  public convenience init() { self.init(outlivesTapes: true) }

  init(outlivesTapes: Bool) { self.outlivesTapes = outlivesTapes }

  /// - Parameter arrange: is called once for a weight and an order.
  func callAsFunction(_ weight: Tensor, _ order: WeightOrder, _ engine: Engine, _ arrange: (Tensor) -> Void) -> Tensor {
    once(\.convolutions, weight, order.code) {
      let arranged = room(order.count, .float32, engine)
      arrange(arranged)
      return arranged
    }
  }

  /// A weight of a linear layer [O, I] for products in bfloat16; nil for one that may change.
  func bfloat16Panels(_ weight: Tensor, _ engine: Engine) -> WeightPanels? {
    guard keeps(weight) else { return nil }
    return once(\.panels, weight) { WeightPanels(bfloat16: weight, engine) }
  }

  /// A weight as it lies, in bfloat16; nil for one that may change.
  func bfloat16(_ weight: Tensor, _ engine: Engine) -> Tensor? {
    guard keeps(weight) else { return nil }
    return once(\.rounded, weight) {
      let made = room(weight.count, .bfloat16, engine).view(shape: weight.shape)
      engine.round(weight.floats, into: made.halves, count: weight.count)
      return made
    }
  }

  private func keeps(_ weight: Tensor) -> Bool {
    outlivesTapes && weight.isFixed && weight.updates.isEmpty && weight.rounded == nil
  }

  private func once<Form>(
    _ forms: ReferenceWritableKeyPath<ArrangedWeights, Made<Form>>, _ weight: Tensor, _ order: UInt64 = 0,
    _ make: () -> Form
  ) -> Form {
    let key = Key(weight: ObjectIdentifier(weight), order: order)
    var result: Form?
    lock.withLock { _ in
      let form = self[keyPath: forms][key]?.form ?? make()
      self[keyPath: forms][key] = (weight, form)
      result = form
    }
    guard let result else { preconditionFailure("a lock that did not run what it guards") }
    return result
  }

  /// An engine's pool belongs to one thread, and what is shared to none.
  private func room(_ count: Int, _ type: ElementType, _ engine: Engine) -> Tensor {
    guard outlivesTapes else { return engine.tensor([count], type) }
    let storage = Storage(zeroed: count * type.byteCount)
    return Tensor(shape: [count], elementType: type, storage: storage, requiresGradient: false)
  }
}

extension WeightPanels {
  fileprivate convenience init(bfloat16 weight: Tensor, _ engine: Engine) {
    let (inputs, outputs) = (weight.count / weight.shape[0], weight.shape[0])
    self.init(
      arranging: engine.converted(weight, to: .bfloat16).bytes, MMD_BFLOAT16, outputs: outputs, inputs: inputs,
      panelOutputs: Self.outputs(outputs, threads: engine.threads.threadCount), engine.productContexts[0])
  }
}
