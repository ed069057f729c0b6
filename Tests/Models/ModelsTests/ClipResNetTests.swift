import Layers
import Models
import Settings
import TensorEngine
import TestSupport
import Testing

/// Residual networks over spectrograms against torchvision's (`Tests/Golden/clipnetworks.py`), all of whose weights are drawn by a
/// formula.
@Suite struct ClipResNetTests {
  private let engine = Engine(threadCount: 2)
  private let golden: GoldenFile
  private let encoder: any ImageEncoder
  private let arena: ParameterArena
  private static let frames = [70, 33, 1, 64]

  private static let description: ClipResNetDescription = {
    var made = ClipResNetDescription(smallResNet(.basic))
    (made.bands, made.frames) = (20, 70)
    return made
  }()

  init() throws {
    golden = try GoldenFile("convolutional/clips.safetensors")
    let builder = ParameterBuilder()
    encoder = Self.description.makeEncoder(builder)
    arena = ParameterArena(builder)
    arena.draw()
  }

  private func clips(_ order: [Int] = [0, 1, 2, 3]) -> ImageInput {
    let rows = order.flatMap { drawn("clip \($0)", count: Self.frames[$0] * 20) }
    return ImageInput(
      .clips(
        PackedClips(
          rows: engine.tensor(rows, shape: [rows.count / 20, 20]),
          offsets: order.reduce(into: [0]) { $0.append($0[$0.count - 1] + Self.frames[$1]) })))
  }

  @Test func statesEqualTorchvision() throws {
    let tape = Tape(engine, recording: false)
    let encoded = encoder(clips(), .all, tape)
    #expect(try encoded.offsets == golden.integers("offsets"))
    #expect(largestDifference(encoded.states, try golden.floats("states"), 1e-5) == nil)
    #expect(largestDifference(encoder.pooled(encoded, tape), try golden.floats("kept/features"), 1e-5) == nil)
  }

  @Test(arguments: ["kept", "batch"]) func gradientsEqualTorchvision(_ statistics: String) throws {
    let tape = Tape(engine, batchStatistics: statistics == "batch" ? BatchStatistics() : nil)
    let features = encoder(clips(), .pooled, tape).states
    #expect(largestDifference(features, try golden.floats("\(statistics)/features"), 2e-5) == nil)
    arena.markGradientsStale()
    let upstream = engine.tensor(drawn("upstream", count: features.count), shape: features.shape)
    try tape.backward(from: [(features, upstream)])
    for parameter in arena.parameters where !parameter.isConstant {
      let slice = parameter.slices[0]
      let gradient = Array(arena.gradients(of: slice))
      let along = zip(gradient, drawn("along " + slice.name, count: gradient.count))
        .reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
      let length = gradient.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
      let report = difference(
        [Float(along), Float(length)], try golden.floats("\(statistics)/gradient/\(slice.name)"), relative: 1e-4,
        floor: 2e-6, scale: .largest)
      #expect(report == nil, "\(slice.name)")
    }
  }

  @Test func aClipAloneIsTheSameInABatch() throws {
    let tape = Tape(engine, recording: false)
    let width = encoder.width
    let all = encoder(clips([3, 2, 0, 1]), .pooled, tape).states.values()
    for (place, clip) in [3, 2, 0, 1].enumerated() {
      let own = encoder(clips([clip]), .pooled, tape).states
      #expect(largestDifference(own, Array(all[place * width..<(place + 1) * width]), 1e-6) == nil, "clip \(clip)")
    }
  }

  /// Without norms, for inference.
  @Test func foldedItIsTheSame() throws {
    let builder = ParameterBuilder()
    let made = try #require(encoder as? any FoldableEncoder).folded(builder)
    let folded = ParameterArena(builder)
    made.fill()
    #expect(folded.slices.allSatisfy { !$0.name.contains("running") })
    let states = made.encoder(clips(), .pooled, Tape(engine, recording: false)).states
    #expect(largestDifference(states, try golden.floats("kept/features"), 1e-5) == nil)
    withExtendedLifetime(folded) {}
  }

  @Test func aDescriptionSurvivesItsJSON() throws {
    var made = Self.description
    (made.sizes.block, made.sizes.widths, made.frames) = (.bottleneck, [32, 48, 64, 80], 99)
    #expect(try ClipResNetDescription(written(made)) == made)
    #expect(try TowerCatalogue.image(written(made)).isEqual(to: made))
    #expect(made.images == .clips(ClipShape(bands: 20, frames: 99)) && made.tokens == 4)
  }

  /// torchvision's ResNet-18 and -34 without the two colours that are not there, 64·2·7·7 numbers.
  @Test(arguments: [("audio-resnet18", 11_176_512), ("audio-resnet34", 21_284_672)])
  func namesSayTheSizes(_ name: String, _ parameters: Int) throws {
    let request = smallRequest("dual-encoder") { $0.audio.encoder = name }
    let made = try #require(ModelCatalogue.description(request) as? DualEncoderConfiguration)
    let builder = ParameterBuilder()
    _ = made.vision.makeEncoder(builder)
    let count = builder.parameters.reduce(0) { $0 + ($1.isConstant ? 0 : $1.count) }
    #expect(count == parameters - 2 * 64 * 49 && made.hasBatchNorm)
    #expect(made.images == .clips(ClipShape(bands: 128, frames: 512)))
    let error = #expect(throws: ModelRequestError.self) {
      try ModelCatalogue.description(
        smallRequest("dual-encoder", stated: ["model.audio.width"]) { $0.audio.encoder = name })
    }
    #expect(error?.key == "model.audio.width" && error?.problem.contains("its name says") == true)
  }
}
