internal import Layers
internal import Models
public import TensorEngine

extension ObjectiveMix {
  /// Forward and backward: the gradients of this rank's share of the loss are then in the arena.
  ///
  /// - Parameters:
  ///   - micro: pairs that are computed at once; nil takes all. Only what the backward pass needs of so many is in memory at
  ///     a time, and the loss stays that of the global batch. For objectives that look at features alone, and not for a tape
  ///     with `batchStatistics`, which are of the whole batch.
  ///   - pass: the objectives whose gradients are computed.
  ///   - afterEach: is called during the backward pass of a batch in one part, as `Tape.backward` says.
  public func computeGradients(
    of batch: StepBatch, micro: Int? = nil, _ tape: Tape, pass: ObjectivePass = .all, afterEach: () -> Void = {}
  ) throws -> ObjectiveLosses {
    let terms = terms(ofStep: batch.step).filter { pass.contains($0.objective) }
    guard let micro, micro < batch.count else {
      return try computeGradients(of: terms, batch, tape, afterEach: afterEach)
    }
    guard let model = model as? any FeatureModel, looksAtFeaturesOnly(terms) else {
      preconditionFailure("an objective that looks at tokens is not computed in parts")
    }
    precondition(tape.batchStatistics == nil, "a part of a batch does not have the batch's statistics")
    let parts = batch.parts(of: micro)
    let images = FeatureCache(parts, tape) { model.imageFeatures($0.encodedImages(model, .pooled, $1), $1) }
    let texts = FeatureCache(parts, tape) { model.textFeatures($0.encodedTexts(model, .pooled, $1), $1) }
    let states = BatchStates(
      batch, model, images: images.features, texts: texts.features, communicator, tape)
    let losses = try losses(terms, states, tape)
    try tape.backward(from: losses.total)
    for cache in [images, texts] { try cache.backwardOfLast() }
    for cache in [images, texts] { try cache.backwardOfOthers() }
    return losses
  }

  /// One meeting of image and text after the other, each with its way forth and back: what the backward pass needs of only one
  /// is in memory at a time. The gradients of what all look at, encodings and features, gather until the last has been there.
  private func computeGradients(
    of terms: [Term], _ batch: StepBatch, _ tape: Tape, afterEach: () -> Void
  ) throws -> ObjectiveLosses {
    let losses = try losses(ofMeetings: meetings(of: terms), states(of: batch, terms, tape), tape, afterEach: afterEach)
    try tape.backward(from: [], afterEach: afterEach)
    return ObjectiveLosses(losses, Tape(tape.engine, recording: false))
  }

  /// The losses in the terms' order, and the way back to what the states encode. The states go with it: they hold weights that
  /// could be final.
  private func losses(
    ofMeetings meetings: [[(place: Int, term: Term)]], _ states: BatchStates, _ tape: Tape, afterEach: () -> Void
  ) throws -> [(term: Term, loss: Tensor)] {
    var losses: [(place: Int, term: Term, loss: Tensor)] = []
    for (number, meeting) in meetings.enumerated() {
      let own = Tape(partOf: tape, recomputesBlocks: tape.recomputesBlocks)
      let made = try meeting.map { ($0.place, $0.term, try $0.term.objective.loss(states, own)) }
      // Before the last meeting is over no weight's gradient is final.
      let isLast = number == meetings.count - 1
      let outputs = made.map { (tensor: $2, gradient: tape.engine.scalar(Float($1.weight))) }
      try own.backward(from: outputs, afterEach: isLast ? afterEach : {})
      states.forgetMeetings()
      losses += made
    }
    return losses.sorted { $0.place < $1.place }.map { ($0.term, $0.loss) }
  }

  /// The terms with their places, by what they look at.
  private func meetings(of terms: [Term]) -> [[(place: Int, term: Term)]] {
    terms.enumerated().reduce(into: []) { meetings, next in
      let name = type(of: next.element.objective).meeting
      let known = meetings.firstIndex { type(of: $0[0].term.objective).meeting == name }
      if let known {
        meetings[known].append((next.offset, next.element))
      } else {
        meetings.append([(next.offset, next.element)])
      }
    }
  }
}
