import Layers
import Models
import TensorEngine
import TestSupport
import Testing

/// The gradient of all of a model's parameters at once against central differences of its own forward pass: a second opinion that
/// knows nothing of PyTorch.
struct ModelSlope {
  private let model: any JointModel
  private let arena: ParameterArena
  private let engine = Engine(threadCount: 1)
  private let images: ImageInput
  private let texts = PackedText([[1, 5, 6, 7, 2], [1, 9, 2], [1, 3, 11, 2]])
  private let pairs = [(0, 0), (1, 1), (2, 2), (0, 2), (2, 1)].map { ImageTextPair(image: $0.0, text: $0.1) }

  /// With weights that are larger than at the start of a training, so that every part tells: gates are open, and so on.
  /// - Parameter share: of their usual size that kernels have: of many, one behind the other, the numbers must not grow.
  init(_ description: any ModelDescription, kernels share: Float = 1) throws {
    let builder = ParameterBuilder()
    model = try #require(description.make(builder) as? any JointModel)
    arena = ParameterArena(builder)
    arena.draw()
    for slice in arena.slices where slice.shape.count == 4 {
      for place in 0..<slice.count { arena.weights(of: slice)[place] *= share }
    }
    images = engine.images(3, of: description.images) { image, numbers in
      for (place, number) in drawn("image \(image)", count: numbers.count).enumerated() { numbers[place] = number }
    }
  }

  private func outputs(_ tape: Tape) -> [Tensor] {
    let joint = model.join(model.imageEncoder(images, .all, tape), model.textEncoder(texts, .all, tape), pairs, tape)
    let logits = model.matching.map { $0.match(joint, tape) } ?? model.pooled(joint, tape)
    return [logits, joint.texts.states, joint.images.states]
  }

  /// What the numbers of an output count in the sum that is differentiated.
  private func weights(of output: Int, _ count: Int) -> [Float] {
    drawn("output \(output)", count: count).map { $0 / Float(count).squareRoot() }
  }

  /// The share by which slope and gradient differ along a direction in which all parameters move: each the way of its gradient, by a
  /// share of that which is drawn. So the slope is no small difference of large ones.
  /// - Parameter step: of the parameter that moves most.
  func difference(step: Float = 2e-4) throws -> Double {
    let gradient = try gradient()
    let moves = zip(gradient, drawn("direction", count: gradient.count)).map { $0 * (1 + $1) }
    let largest = moves.map(\.magnitude).max() ?? 1
    let direction = moves.map { $0 / largest }
    let slope = (total(direction, step) - total(direction, -step)) / Double(2 * step)
    let expected = zip(gradient, direction).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
    return abs(slope - expected) / abs(expected)
  }

  private func gradient() throws -> [Float] {
    arena.markGradientsStale()
    let tape = Tape(engine)
    try tape.backward(
      from: outputs(tape).enumerated().map { place, output in
        (output, engine.tensor(weights(of: place, output.count), shape: output.shape))
      })
    arena.clearUnreachedGradients()
    return Array(arena.gradients)
  }

  /// The sum of what all outputs count, with parameters that are so far along a direction.
  private func total(_ direction: [Float], _ step: Float) -> Double {
    let learnt = Array(arena.weights)
    for place in learnt.indices { arena.weights[place] = learnt[place] + step * direction[place] }
    defer { _ = arena.weights.update(from: learnt) }
    return outputs(Tape(engine, recording: false)).enumerated().reduce(0) { sum, output in
      let values = output.element.values()
      return sum + zip(values, weights(of: output.offset, values.count)).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
  }
}
