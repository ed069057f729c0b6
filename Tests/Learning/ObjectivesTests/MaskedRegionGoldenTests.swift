import Batching
import Collectives
import Layers
import Models
import Objectives
import TensorEngine
import TestSupport
import Testing

/// Objectives of hidden regions against `Tests/Golden/hidden.py`: which regions are drawn, what is hidden with them, the loss of each
/// kind and every gradient, on one rank and shared by three.
@Suite struct MaskedRegionGoldenTests {
  private static let names = ["features", "classes", "distribution"]
  private let golden: GoldenFile
  private let inputs: GoldenFile

  init() throws {
    golden = try GoldenFile("uniter-tiny/hidden.safetensors")
    inputs = try GoldenFile("uniter-tiny/case-regions.safetensors")
  }

  private var settings: ObjectiveSettings {
    var settings = ObjectiveSettings(
      Dictionary(uniqueKeysWithValues: Self.names.map { ("masked_regions." + $0, 1.0) }))
    settings.maskedRegions.share = 0.3
    (settings.maskedRegions.kept, settings.maskedRegions.overlap) = (0.3, 0.25)
    return settings
  }

  private func lengths(_ mask: String) throws -> [Int] {
    let values = try inputs.integers("input." + mask)
    return (0..<3).map { row in values[row * values.count / 3..<(row + 1) * values.count / 3].reduce(0, +) }
  }

  /// The values of the slots that are there, and what they are of.
  private func packed(_ name: String, columns: Int) throws -> [[Float]] {
    let values = try inputs.floats("input." + name)
    return try lengths("region_mask").enumerated().map { image, count in
      let start = image * values.count / 3
      return Array(values[start..<start + count * columns])
    }
  }

  private func batch(_ layout: BatchLayout, _ engine: Engine) throws -> StepBatch {
    let counts = try lengths("region_mask")
    let (features, boxes) = (try packed("regions", columns: 9), try packed("boxes", columns: 7))
    let shares = try packed("region_targets", columns: 6)
    let ids = try inputs.integers("input.input_ids").map(Int32.init)
    let texts = try lengths("attention_mask").enumerated().map {
      Array(ids[$0 * ids.count / 3..<$0 * ids.count / 3 + $1])
    }
    let local = layout.local
    let places = boxes[local].flatMap { boxes in
      stride(from: 0, to: boxes.count, by: 7).map { Box(boxes[$0], boxes[$0 + 1], boxes[$0 + 2], boxes[$0 + 3]) }
    }
    var columns = BatchColumns()
    columns.regions = try local.map { image in
      try RegionFeatures(
        features: [UInt16](repeating: 0, count: counts[image]),
        boxes: (0..<counts[image]).flatMap { _ in [0, 0, 1, 1] as [Float] },
        probabilities: shares[image].map { Float16($0).bitPattern })
    }
    return StepBatch(
      images: ImageInput(
        PackedRegions(
          features: engine.tensor(features[local].flatMap(\.self), shape: [places.count, 9]), boxes: places,
          offsets: counts[local].reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) })),
      text: PackedText(texts[local]), photos: local.map { 100 + UInt64($0) }, captions: local.map { 200 + UInt64($0) },
      columns: columns, layout: layout, step: 0, epoch: 2)
  }

  private struct Outcome {
    let losses: [(name: String, value: Float)]
    let gradients: [(name: String, values: [Float])]
  }

  private func outcome(_ communicator: any Communicator) throws -> Outcome {
    let engine = Engine(threadCount: 1)
    let found = try UNITERConfiguration(towerSettings("uniter-tiny"))
    let weights = try GoldenFile("uniter-tiny/model.safetensors")
    let request = ModelRequest(
      UNITERConfiguration.anySettings, vocabularySize: 30, tokens: (1, 2), regionClasses: 6, isStated: { _ in false })
    let description = try #require(
      try UNITERConfiguration(
        request, from: found.fitting { key in try? weights.array(key).shape }
      ).with([.regionFeatures, .regionClasses]))
    let builder = ParameterBuilder()
    let model = description.make(builder)
    let arena = ParameterArena(builder)
    for slice in arena.slices { _ = arena.weights(of: slice).update(from: try weights.floats(slice.name)) }
    let mix = try ObjectiveMix(ObjectiveContext(model, settings, seed: 7, communicator))
    let layout = BatchLayout(
      counts: (0..<communicator.size).map { 3 * ($0 + 1) / communicator.size - 3 * $0 / communicator.size },
      rank: communicator.rank)
    arena.markGradientsStale()
    let losses = try mix.computeGradients(of: batch(layout, engine), Tape(engine))
    arena.clearUnreachedGradients()
    return Outcome(
      losses: losses.parts, gradients: arena.slices.map { ($0.name, Array(arena.gradients(of: $0))) })
  }

  @Test func drawsAreThoseOfTheStream() throws {
    let engine = Engine(threadCount: 1)
    let boxes = try batch(BatchLayout(counts: [3], rank: 0), engine).images.regions
    let drawn = MaskedRegions(
      (0..<3).map { Array(boxes.boxes[boxes.offsets[$0]..<boxes.offsets[$0 + 1]]) }, settings.maskedRegions,
      SampleNames(seed: 7, epoch: 2, samples: (0..<3).map { (100 + $0, 200 + $0) }))
    for (name, found) in [("asked", drawn.asked), ("hidden", drawn.hidden)] {
      let marks = try golden.integers(name)
      #expect(found == (0..<3).map { image in (0..<6).filter { marks[image * 6 + $0] == 1 } }, "\(name)")
    }
    #expect(drawn.asked != drawn.hidden)
  }

  @Test(arguments: [1, 3]) func lossesAndGradientsArePyTorchs(ranks: Int) throws {
    let parts = try InProcessCommunicator.run(ranks: ranks) { try outcome($0) }
    for (place, name) in Self.names.enumerated() {
      let found = parts.reduce(Float(0)) { $0 + $1.losses[place].value }
      #expect(difference([found], try golden.floats("loss/" + name), relative: 2e-6) == nil, "\(name)")
    }
    for (place, gradient) in parts[0].gradients.enumerated() where golden.names.contains("gradients/" + gradient.name) {
      let found = gradient.values.indices.map { index in
        parts.reduce(Float(0)) { $0 + $1.gradients[place].values[index] }
      }
      // A bias of all keys shifts every score of a row alike.
      let floor: Float = gradient.name.hasSuffix("key.bias") ? 2e-6 : 1e-8
      let report = difference(
        found, try golden.floats("gradients/" + gradient.name), relative: 1e-5, floor: floor, scale: .largest)
      #expect(report == nil, "\(gradient.name): \(report ?? "")")
    }
  }
}

extension UNITERConfiguration {
  /// Of a request for weights that are there, whose sizes count.
  fileprivate static var anySettings: ModelSettings {
    ModelSettings(
      name: modelType, vision: VisionSettings(imageSize: 16, patchSize: 8, width: 16, layers: 1, heads: 2),
      regions: RegionSettings(limit: 100), text: TextSettings(contextLength: 12, width: 16, layers: 2, heads: 4),
      embeddingWidth: 8, projection: ProjectionSettings(),
      fusion: FusionSettings(layers: 1, heads: 2, width: 16, direction: .both), batchNorm: .frozen,
      reparameterize: false, lora: LowRankSettings(rank: 0, alpha: 16, targets: [], train: []))
  }
}
