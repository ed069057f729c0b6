import Layers
import Models
import Settings
import TensorEngine
import TestSupport
import Testing

/// Audio spectrogram transformers against transformers (`Tests/Golden/clips.py`).
@Suite struct ASTTests {
  private func golden() throws -> GoldenTower<any ImageEncoder> {
    try GoldenTower(
      "ast-tiny/golden.safetensors", weights: "ast-tiny/model.safetensors",
      ASTConfiguration(towerSettings("ast-tiny")).makeEncoder)
  }

  private func clips(_ golden: GoldenTower<some Any>) throws -> ImageInput {
    let rows = try golden.file.array("rows")
    return ImageInput(
      .clips(
        PackedClips(
          rows: golden.engine.tensor(rows.values, shape: rows.shape), offsets: try golden.file.integers("offsets"))))
  }

  /// Clips of 36 frames, which is what the tower takes, 11, 3, 25, 1 and 24: of their own frames alone.
  @Test(arguments: [EncodedTokens.all, .pooled])
  func statesEqualTransformers(_ tokens: EncodedTokens) throws {
    let golden = try golden()
    let tape = Tape(golden.engine, recording: false)
    let encoded = try golden.encoder(clips(golden), tokens, tape)
    #expect(largestDifference(golden.encoder.pooled(encoded, tape), try golden.file.floats("pooled")) == nil)
    guard case .all = tokens else { return }
    #expect(largestDifference(encoded.states, try golden.file.floats("states")) == nil)
    // Two tokens for the whole, four lines of patches of which a clip has as many columns as its frames fill.
    #expect(encoded.offsets == [0, 30, 40, 46, 64, 70, 88])
  }

  @Test(arguments: [false, true])
  func gradientsEqualPyTorch(recomputes: Bool) throws {
    let golden = try golden()
    let tape = Tape(golden.engine, recomputesBlocks: recomputes)
    let encoded = try golden.encoder(clips(golden), .pooled, tape)
    let loss = try golden.loss(golden.encoder.pooled(encoded, tape), tape)
    #expect(largestDifference(loss, try golden.file.floats("loss")) == nil)
    golden.arena.markGradientsStale()
    try tape.backward(from: loss)
    #expect(try golden.gradientDifferences("gradient") == [])
  }

  /// By differences of the forward pass, where clips and texts meet.
  @Test func gradientsAreSlopes() throws {
    let request = smallRequest("fusion") { settings in
      settings.audio.encoder = "ast"
      (settings.audio.bands, settings.audio.frames, settings.audio.patchSize, settings.audio.stride) = (18, 30, 6, 4)
      (settings.audio.width, settings.audio.layers, settings.audio.heads) = (16, 2, 2)
    }
    #expect(try ModelSlope(ModelCatalogue.description(request)).difference() < 1e-3)
  }

  /// Whoever stands beside it, and where.
  @Test func aClipAloneIsTheSameInABatch() throws {
    let golden = try golden()
    let tape = Tape(golden.engine, recording: false)
    let all = try clips(golden)
    let pooled = golden.encoder.pooled(golden.encoder(all, .pooled, tape), tape).values()
    let count = all.count
    for clip in 0..<count {
      let own = golden.encoder.pooled(golden.encoder(all[clip..<clip + 1], .pooled, tape), tape)
      #expect(largestDifference(own, Array(pooled[clip * 24..<(clip + 1) * 24]), 1e-6) == nil, "clip \(clip)")
    }
    let packed = all.clips
    let order = [4, 0, 5, 2, 1, 3]
    let rows = order.flatMap { packed.offsets[$0]..<packed.offsets[$0 + 1] }
    let turned = ImageInput(
      .clips(
        PackedClips(
          rows: tape.gatherRows(packed.rows, rows),
          offsets: order.reduce(into: [0]) { $0.append($0[$0.count - 1] + packed.frames[$1]) })))
    let made = golden.encoder.pooled(golden.encoder(turned, .pooled, tape), tape)
    #expect(largestDifference(made, order.flatMap { pooled[$0 * 24..<($0 + 1) * 24] }, 1e-6) == nil)
  }

  /// A clip of one frame goes on with zeros, which are the mean, until it fills a patch.
  @Test func aShortClipGoesOnWithTheMean() throws {
    let golden = try golden()
    let tape = Tape(golden.engine, recording: false)
    let rows = try golden.file.array("rows").values.prefix(18)
    let one = golden.engine.tensor(Array(rows), shape: [1, 18])
    let six = golden.engine.tensor(rows + [Float](repeating: 0, count: 5 * 18), shape: [6, 18])
    func states(_ rows: Tensor, _ offsets: [Int]) -> [Float] {
      golden.encoder(ImageInput(.clips(PackedClips(rows: rows, offsets: offsets))), .all, tape).states.values()
    }
    #expect(states(one, [0, 1]) == states(six, [0, 6]))
    // No frame at all is a clip of the mean.
    let none = states(one, [0, 0, 1]).prefix(6 * 24)
    #expect(
      largestDifference(
        golden.engine.tensor(Array(none), shape: [6, 24]), states(golden.engine.zeros([6, 18]), [0, 6])) == nil)
  }

  @Test func namesAreThoseOfFiles() throws {
    let keys = ASTConfiguration.publishedKeys[0]
    let file = try GoldenFile("ast-tiny/model.safetensors")
    #expect(Set(try golden().arena.slices.map { keys.key($0.name) }) == Set(file.names))
    #expect(file.names.contains(keys.mark) && keys.prefixes == ["", "audio_spectrogram_transformer.", "audio_model."])
    // MIT/ast-finetuned-audioset-10-10-0.4593 has 86,187,264 numbers without its classifier, in 1,214 tokens.
    let builder = ParameterBuilder()
    _ = ASTConfiguration().makeEncoder(builder)
    #expect(builder.parameters.reduce(0) { $0 + $1.count } == 86_187_264 && ASTConfiguration().tokens == 1214)
    let groups = ASTConfiguration().layers.groups.flatMap { $0 }
    #expect(builder.parameters.flatMap(\.slices).allSatisfy { slice in groups.contains(where: slice.name.hasPrefix) })
  }

  @Test func aDescriptionSurvivesItsJSON() throws {
    var description = try ASTConfiguration(towerSettings("ast-tiny"))
    #expect(description.frames == 36 && description.patchSize == 6 && description.epsilon == 1e-12)
    #expect(description.images == .clips(ClipShape(bands: 18, frames: 36)) && description.tokens == 30)
    (description.frequencyStride, description.hasInBias) = (3, false)
    #expect(try ASTConfiguration(written(description)) == description)
  }

  @Test(arguments: [
    (#""frequency_stride": 0"#, "a stride of patches of 0"),
    (#""max_length": 8"#, "patches of 16 do not lie in 8 frames"),
    (#""num_mel_bins": 12"#, "do not lie in 1024 frames of 12 bands"), (#""num_mel_bins": 5000"#, "bands of 5000"),
    (#""patch_size": 0"#, "a patch size of 0"), (#""max_length": 100000, "time_stride": 1"#, "a number of patches of"),
  ])
  func sizesThatAreNoTowersAreRefused(_ json: String, _ words: String) throws {
    let description = try ASTConfiguration(Settings(json: Array("{\(json)}".utf8), file: "config.json"))
    #expect(description.flaw?.contains(words) == true, "\(description.flaw ?? "none")")
  }

  @Test func settingsThatChangeNumbersAreRefused() throws {
    for (json, place) in [
      (#""layer_scale": 0.1"#, "layer_scale"), (#""hidden_act": "swish""#, "hidden_act is \"swish\""),
    ] {
      let error = #expect(throws: SettingsError.self) {
        try ASTConfiguration(Settings(json: Array("{\(json)}".utf8), file: "config.json"))
      }
      #expect(error?.description.contains(place) == true, "\(json)")
    }
  }
}
