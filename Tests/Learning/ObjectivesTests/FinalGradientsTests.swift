import Collectives
import Layers
import Models
import Objectives
import TensorEngine
import Testing

/// During a backward pass an arena says which gradients nothing will write any more. What it says is held against what is
/// written: final gradients are taken out, and a mark is left in their place that must still be there at the end.
@Suite struct FinalGradientsTests {
  private static let mark: Float = 12_345

  @Test(arguments: ObjectiveCase.all + ObjectiveCase.onePass, [Precision.fp32, .bf16])
  func nothingIsWrittenToWhatIsFinal(_ example: ObjectiveCase, precision: Precision) throws {
    guard precision.isSupported else { return }
    for ranks in [1, 2] {
      _ = try InProcessCommunicator.run(ranks: ranks) { communicator in
        let (_, plain, _) = try Self.run(example, precision, communicator, marks: false)
        let (marked, taken, steps) = try Self.run(example, precision, communicator, marks: true)
        #expect(zip(taken, plain).allSatisfy { $0.bitPattern == $1.bitPattern })
        #expect(marked.gradients.allSatisfy { $0 == Self.mark })
        // It is known while the pass goes on, little by little: after half of the operations of more than a quarter.
        #expect(Set(steps).count >= 12)
        #expect(steps[steps.count / 2] < marked.parameters.count * 3 / 4)
        #expect(steps.last == 0)
      }
    }
  }

  /// All gradients, and of how many parameters they were not known to be final after each operation.
  private static func run(
    _ example: ObjectiveCase, _ precision: Precision, _ communicator: any Communicator, marks: Bool
  ) throws -> (arena: ParameterArena, gradients: [Float], pending: [Int]) {
    let engine = Engine(threadCount: 1, precision: precision)
    let builder = ParameterBuilder()
    let model = example.description.make(builder)
    let arena = ParameterArena(builder)
    arena.initialize(seed: 11)
    if precision == .bf16 { arena.keepRounded(engine) }
    for slice in arena.trainedSlices { arena.gradients(of: slice).update(repeating: 7) }
    let objective = try ObjectiveMix(
      ObjectiveContext(model, example.weights, vocabulary: ObjectiveCase.vocabulary, seed: 5, communicator))
    let tape = Tape(engine)
    arena.markGradientsStale()
    let batch = ObjectiveCase.batch(
      ranks: communicator.size, rank: communicator.rank, engine, example.description.images)
    var gradients = [Float](repeating: 0, count: arena.count)
    var pending = Array(arena.parameters.indices)
    var counts: [Int] = []
    _ = try objective.computeGradients(of: batch, tape) {
      guard marks else { return }
      arena.takeFinal(&pending) { part in
        for index in part {
          gradients[index] = arena.gradients[index]
          arena.gradients[index] = Self.mark
        }
      }
      counts.append(pending.count)
    }
    arena.clearUnreachedGradients()
    return (arena, marks ? gradients : Array(arena.gradients), counts)
  }
}
