/// An operation as it stands on the tape: its inputs, outputs and what the forward pass saved for the backward pass.
///
/// There is no default: an operation without a gradient does not compile.
package protocol DifferentiableOperation {
  /// Takes the gradients of the outputs and adds to those of the inputs.
  func backward(_ engine: Engine) throws
}

/// Records operations as they run, and runs their gradients in reverse.
///
/// All operations are methods of the tape: `tape.linear(x, weight, bias)`. A tape that does not record keeps nothing,
/// so that an evaluation's activations go back to the pool at once.
public final class Tape {
  public let engine: Engine
  public let isRecording: Bool
  /// Whether a `block` keeps its inputs alone and runs again in the backward pass.
  public let recomputesBlocks: Bool
  /// Nil switches dropout off.
  let dropoutMasks: DropoutMasks?
  /// Where batch norm takes its statistics from; nil: those that it keeps.
  package let batchStatistics: BatchStatistics?
  /// Where attentions leave what they did; nil keeps nothing.
  let attentionRecord: AttentionRecord?
  /// Why the forward pass is not to be gone on with.
  private var failure: (any Error)?
  private var operations: [any DifferentiableOperation] = []
  let preparedWeights: PreparedWeights
  let arrangedWeights: ArrangedWeights

  /// - Parameters:
  ///   - arrangedWeights: of a model whose weights stay as they are for longer than the tape lives.
  ///   - attention: keeps what attentions do, of a pass that drops nothing and runs once.
  public init(
    _ engine: Engine, recording: Bool = true, recomputesBlocks: Bool = false, dropout: DropoutMasks? = nil,
    batchStatistics: BatchStatistics? = nil, arrangedWeights: ArrangedWeights? = nil,
    attention: AttentionRecord? = nil
  ) {
    precondition(
      attention == nil || dropout == nil && !recomputesBlocks,
      "attention is kept of a pass that drops and repeats nothing"
    )
    attentionRecord = attention
    self.engine = engine
    isRecording = recording
    self.recomputesBlocks = recomputesBlocks
    dropoutMasks = dropout
    self.batchStatistics = batchStatistics
    preparedWeights = PreparedWeights()
    self.arrangedWeights = arrangedWeights ?? ArrangedWeights(outlivesTapes: false)
  }

  /// A tape for a part of what `whole` computes: weights are prepared once for both, and the dropout masks are its own.
  /// - Parameter firstSample: of what `whole` sees, the first that the part sees.
  package init(partOf whole: Tape, recording: Bool = true, recomputesBlocks: Bool, firstSample: Int = 0) {
    engine = whole.engine
    isRecording = recording
    self.recomputesBlocks = recomputesBlocks
    dropoutMasks = whole.dropoutMasks?.shifted(by: firstSample)
    batchStatistics = whole.batchStatistics
    attentionRecord = nil
    preparedWeights = whole.preparedWeights
    arrangedWeights = whole.arrangedWeights
  }

  /// Whether the result of an operation on `inputs` needs a gradient.
  package func tracks(_ inputs: Tensor?...) -> Bool {
    isRecording && inputs.contains { $0?.isLearnt == true }
  }

  /// The same of an attention: where it is recorded, gradients have to reach its probabilities.
  func tracksAttention(_ inputs: Tensor...) -> Bool {
    isRecording && (attentionRecord != nil || inputs.contains(where: \.isLearnt))
  }

  package func record(_ operation: some DifferentiableOperation) {
    operations.append(operation)
  }

  /// What `body` returns; nil where it throws, now or at an earlier attempt.
  func attempt<Result>(_ body: () throws -> Result) -> Result? {
    guard failure == nil else { return nil }
    do {
      return try body()
    } catch {
      failure = error
      return nil
    }
  }

  /// Operations do not throw; what failed in one of the forward pass is thrown here.
  package func throwFailure() throws { if let failure { throw failure } }

  /// Fills the gradients of everything that `loss`, a scalar, depends on. The tape is empty afterwards: each operation
  /// is dropped, and with it what it saved, as soon as its gradient is taken.
  ///
  /// - Parameter afterEach: is called when an operation's gradient has been taken and the operation is gone, with the
  ///   tensors that nothing else holds.
  public func backward(from loss: Tensor, afterEach: () -> Void = {}) throws {
    precondition(loss.count == 1, "a backward pass starts at a scalar, not at shape \(loss.shape)")
    try backward(from: [(loss, engine.tensor([1], shape: loss.shape))], afterEach: afterEach)
  }

  /// The same from outputs whose gradients are given.
  package func backward(
    from outputs: [(tensor: Tensor, gradient: Tensor)], afterEach: () -> Void = {}
  ) throws {
    try throwFailure()
    for output in outputs { engine.addGradient(output.gradient, to: output.tensor) }
    try rewind(afterEach: afterEach)
  }

  /// The same from the gradients that outputs hold already.
  func rewind(afterEach: () -> Void = {}) throws {
    while !operations.isEmpty {
      try takeLastGradient()
      afterEach()
    }
  }

  /// Apart, so that the operation is gone when it returns.
  @inline(never)
  private func takeLastGradient() throws {
    try operations.popLast()?.backward(engine)
  }
}

/// The weights as products multiply them, each rounded and merged with its updates once while a tape lives: weights must not
/// change meanwhile.
final class PreparedWeights {
  /// With the weight, whose address must not be another's. Looked up, never walked through.
  private var made: [ObjectIdentifier: (weight: Tensor, prepared: Tensor)] = [:]

  func callAsFunction(_ weight: Tensor, _ prepare: () -> Tensor) -> Tensor {
    if let made = made[ObjectIdentifier(weight)] { return made.prepared }
    let prepared = prepare()
    made[ObjectIdentifier(weight)] = (weight, prepared)
    return prepared
  }
}
