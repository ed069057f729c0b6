extension Tape {
  /// A part of a model that may keep its inputs alone: where the tape `recomputesBlocks`, what its operations save is let
  /// go of after the forward pass, and `body` runs again in the backward pass (Chen et al., "Training Deep Nets with
  /// Sublinear Memory Cost", 2016). Results and gradients are the same bits either way.
  ///
  /// - Parameters:
  ///   - inputs: no tensor twice, and no weights: the body takes those as they are.
  ///   - body: a function of the inputs, of weights and of nothing that changes; it must not return an input.
  package func block(
    _ inputs: [Tensor], _ body: @escaping (_ inputs: [Tensor], _ tape: Tape) -> [Tensor]
  ) -> [Tensor] {
    guard isRecording, recomputesBlocks else { return body(inputs, self) }
    let first = Tape(partOf: self, recomputesBlocks: false)
    let again = Tape(partOf: self, recomputesBlocks: false)
    let outputs = body(inputs, first)
    precondition(!outputs.contains { output in inputs.contains { $0 === output } }, "block: an input was returned")
    // Where all that it saw is frozen, its gradient is nobody's.
    guard outputs.contains(where: \.requiresGradient) else { return outputs }
    record(RecomputedBlock(inputs: inputs, outputs: outputs, body: body, tape: again))
    return outputs
  }
}

private struct RecomputedBlock: DifferentiableOperation {
  let inputs: [Tensor], outputs: [Tensor]
  let body: ([Tensor], Tape) -> [Tensor]
  /// Empty.
  let tape: Tape

  func backward(_ engine: Engine) throws {
    guard outputs.contains(where: { $0.gradient != nil }) else { return }
    let leaves = inputs.map { $0.leaf(engine) }
    for (output, made) in zip(outputs, body(leaves, tape)) { made.gradient = output.gradient }
    try tape.rewind()
    for (input, leaf) in zip(inputs, leaves) { input.gradient = leaf.gradient }
  }
}
