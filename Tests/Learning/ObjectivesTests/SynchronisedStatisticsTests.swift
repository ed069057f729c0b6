import Collectives
import Files
import Layers
import Models
import Objectives
import TensorEngine
import TestSupport
import Testing

/// MobileCLIP in training mode against open_clip, its batch divided over ranks: batch norm sees the batch of all of them.
@Suite struct SynchronisedStatisticsTests {
  private struct Outcome {
    let loss: Double
    let gradients: [Float]
    /// As they are after the step.
    let statistics: [Float]
  }

  @Test(arguments: [1, 2, 3], [false, true])
  func ranksAreOneBatch(ranks: Int, recomputesBlocks: Bool) throws {
    let outcomes = try InProcessCommunicator.run(ranks: ranks) { communicator -> Outcome in
      let (model, arena) = try Self.model()
      let objective = try ObjectiveMix(
        ObjectiveContext(model, .init(["contrastive": 1]), seed: 0, communicator))
      let engine = Engine(threadCount: 1)
      let tape = Tape(engine, recomputesBlocks: recomputesBlocks, batchStatistics: .synchronised(communicator))
      arena.markGradientsStale()
      let losses = try objective.computeGradients(
        of: Self.batch(ranks: ranks, rank: communicator.rank, engine), tape)
      arena.clearUnreachedGradients()
      return Outcome(
        loss: Double(losses.total.value), gradients: Array(arena.gradients), statistics: Array(arena.lockedWeights))
    }
    let golden = try GoldenFile("mobileclip-tiny/golden.safetensors")
    let loss = outcomes.reduce(0) { $0 + $1.loss }
    #expect(difference(loss, Double(try golden.floats("batch/loss")[0]), relative: 1e-5) == nil)
    for outcome in outcomes { #expect(outcome.statistics == outcomes[0].statistics) }
    for parameter in try Self.model().arena.parameters {
      let slice = parameter.slices[0]
      let part = slice.offset..<slice.offset + slice.count
      let (actual, name, tolerance, floor): ([Float], String, Float, Float) =
        parameter.isConstant
        ? (Array(outcomes[0].statistics[part]), "batch/\(slice.name)", 1e-5, 1e-8)
        : (
          part.map { place in outcomes.reduce(0) { $0 + $1.gradients[place] } }, "batch/gradient/\(slice.name)", 1e-4,
          1e-5
        )
      let report = difference(actual, try golden.floats(name), relative: tolerance, floor: floor, scale: .largest)
      #expect(report == nil, "\(name)")
    }
  }

  private static func model() throws -> (model: any Model, arena: ParameterArena) {
    let builder = ParameterBuilder()
    let description = try ModelCatalogue.description(json: readFile("\(goldenDirectory)/mobileclip-tiny/config.json"))
    let model = description.make(builder)
    let arena = ParameterArena(builder)
    let weights = try GoldenFile("mobileclip-tiny/open_clip_model.safetensors")
    for slice in arena.slices { _ = arena.weights(of: slice).update(from: try weights.floats(slice.name)) }
    return (model, arena)
  }

  /// This rank's part of the three pairs.
  private static func batch(ranks: Int, rank: Int, _ engine: Engine) throws -> StepBatch {
    let golden = try GoldenFile("mobileclip-tiny/golden.safetensors")
    let bounds = (0...ranks).map { 3 * $0 / ranks }
    let layout = BatchLayout(counts: (0..<ranks).map { bounds[$0 + 1] - bounds[$0] }, rank: rank)
    let pixels = try golden.array("pixel_values")
    let (ids, offsets) = (try golden.integers("ids").map(Int32.init), try golden.integers("offsets"))
    let each = pixels.values.count / 3
    let (first, last) = (layout.local.lowerBound, layout.local.upperBound)
    return StepBatch(
      images: ImageInput(
        engine.tensor(
          Array(pixels.values[first * each..<last * each]), shape: [last - first] + pixels.shape.dropFirst())),
      text: PackedText(
        ids: Array(ids[offsets[first]..<offsets[last]]), offsets: offsets[first...last].map { $0 - offsets[first] }),
      photos: layout.local.map { UInt64($0) }, captions: layout.local.map { UInt64($0) }, layout: layout, step: 0)
  }
}
