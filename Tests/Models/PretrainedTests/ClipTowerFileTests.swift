import Audio
import Checkpoints
import Files
import Layers
import Models
import Pretrained
import Settings
import TensorEngine
import TestSupport
import Testing

/// Towers of clips in directories of their own.
@Suite struct ClipTowerFileTests {
  private let directory = goldenDirectory + "/ast-tiny"

  private func request(
    _ found: ImageTowerDirectory, stated: [String] = [], _ change: (inout ModelSettings) -> Void = { _ in }
  ) throws -> any ModelDescription {
    var towers = FoundTowers()
    towers.audio = found.description as? any ClipTowerDescription
    return try ModelCatalogue.description(smallRequest("dual-encoder", stated: stated, towers: towers, change))
  }

  /// The states of a model that has read the directory, and what the run says of its loading.
  private func states(
    _ description: any ModelDescription, _ found: ImageTowerDirectory, _ rows: (values: [Float], shape: [Int]),
    _ offsets: [Int]
  ) throws -> (states: Tensor, pooled: Tensor, report: LoadingReport) {
    let model = LoadedModel(try #require(description as? DualEncoderConfiguration))
    model.arena.initialize(seed: 1)
    let report = try found.weights.load(into: model.arena, at: description.place(of: .audio), isStrict: true)
    let tape = Tape(model.engine, recording: false)
    let clips = PackedClips(rows: model.engine.tensor(rows.values, shape: rows.shape), offsets: offsets)
    let encoded = model.model.imageEncoder(ImageInput(.clips(clips)), .all, tape)
    return (encoded.states, model.model.imageEncoder.pooled(encoded, tape), report)
  }

  @Test func anASTFillsADualEncoder() throws {
    let found = try ImageTowerDirectory(path: directory, of: .audio)
    #expect(found.remarks.isEmpty && found.preprocessing == nil)
    #expect(found.clips == (found.description as? any ClipTowerDescription)?.usualClips)
    let golden = try GoldenFile("ast-tiny/golden.safetensors")
    let rows = try golden.array("rows")
    let made = try states(
      request(found), found, (rows.values, rows.shape), golden.integers("offsets"))
    #expect(made.report.isExact && made.report.unused.isEmpty)
    #expect(made.report.summary.hasPrefix("audio tower, AST of \(directory)/model.safetensors: "))
    #expect(largestDifference(made.pooled, try golden.floats("pooled")) == nil)
  }

  /// Positions of longer clips lie between those that are there.
  @Test func longerClipsHavePositionsBetween() throws {
    let found = try ImageTowerDirectory(path: directory, of: .audio)
    let description = try request(found, stated: ["model.audio.frames"]) { $0.audio.frames = 61 }
    #expect(description.images == .clips(ClipShape(bands: 18, frames: 61)))
    let golden = try GoldenFile("ast-tiny/golden.safetensors")
    let rows = try golden.array("longer")
    let made = try states(description, found, (rows.values, rows.shape), [0, 61])
    #expect(
      made.report.loaded.compactMap(\.change) == ["interpolated, 4×7 to 4×12 patches"] && made.report.isExact)
    #expect(largestDifference(made.states, try golden.floats("longer_states")) == nil)
  }

  /// A tower for shorter clips has the first positions: its clips are what they would be without that.
  @Test func shorterClipsHaveTheFirstPositions() throws {
    let found = try ImageTowerDirectory(path: directory, of: .audio)
    let description = try request(found, stated: ["model.audio.frames"]) { $0.audio.frames = 11 }
    let golden = try GoldenFile("ast-tiny/golden.safetensors")
    let rows = try golden.array("rows")
    let made = try states(description, found, (Array(rows.values[36 * 18..<47 * 18]), [11, 18]), [0, 11])
    #expect(largestDifference(made.states, Array(try golden.floats("states")[30 * 24..<40 * 24])) == nil)
  }

  @Test func positionsOfLinesAreGrids() {
    let table = (0..<(1 + 6) * 2).map(Float.init)
    let wide = interpolatedPositions(linesOf: table, first: 1, lines: 2, old: 3, new: 6, width: 2)
    #expect(wide.count == 13 * 2 && Array(wide.prefix(2)) == [0, 1])
    // The first of a line lies before the middle of the first that was there.
    #expect(Array(wide[2..<6]) == [2, 3, 2.5, 3.5] && Array(wide[14..<16]) == [8, 9])
    #expect(
      interpolatedPositions(linesOf: table, first: 1, lines: 2, old: 3, new: 2, width: 2)
        == [0, 1, 2, 3, 4, 5, 8, 9, 10, 11])
    let builder = ParameterBuilder()
    let slice = builder.parameter("table", [1, 10, 4], .constant(0), firstOfGrid: 2, linesOfGrid: 4).slices[0]
    #expect(
      PositionInterpolation(of: slice, from: [1, 14, 4], to: [1, 10, 4])
        == .lines(first: 2, lines: 4, old: 3, new: 2))
    for found in [[1, 13, 4], [1, 2, 4], [1, 14, 5], [14, 4]] {
      #expect(PositionInterpolation(of: slice, from: found, to: [1, 10, 4]) == nil, "\(found)")
    }
  }

  @Test(arguments: ["encoder", "bands", "patch_size", "stride", "width", "layers", "heads"])
  func sizesAreThoseOfTheWeights(_ key: String) throws {
    let found = try ImageTowerDirectory(path: directory, of: .audio)
    let error = #expect(throws: ModelRequestError.self) {
      try request(found, stated: ["model.audio." + key]) { $0.audio.encoder = "ast" }
    }
    #expect(error?.key == "model.audio." + key)
    #expect(error?.problem.hasPrefix("the sizes of AST are those of initialize.audio") == true)
  }

  @Test(arguments: [("ast", 10, 3, "patches of 16 do not lie in 10 frames"), ("ast", 64, 5, "5 heads")])
  func towersThatCannotBeAreRefused(_ name: String, _ frames: Int, _ heads: Int, _ words: String) throws {
    let error = #expect(throws: ModelRequestError.self) {
      try ModelCatalogue.description(
        smallRequest("dual-encoder") { settings in
          (settings.audio.encoder, settings.audio.frames, settings.audio.heads) = (name, frames, heads)
        })
    }
    #expect(error?.key == "model.audio" && error?.problem.contains(words) == true, "\(error?.problem ?? "")")
  }

  @Test func towersAreNamedByWhatTheyRead() throws {
    let pictures = goldenDirectory + "/clip-tiny"
    let first = #expect(throws: PretrainedError.self) { try ImageTowerDirectory(path: directory) }
    #expect(first?.description.contains("name it with initialize.audio") == true)
    let second = #expect(throws: PretrainedError.self) { try ImageTowerDirectory(path: pictures, of: .audio) }
    #expect(second?.description.contains("name it with initialize.vision") == true)
  }

  /// A network of pictures begins one of clips: of its first kernels the sum over the colours.
  @Test(arguments: [true, false]) func aResNetOfPicturesBeginsOneOfClips(_ hasConfiguration: Bool) throws {
    let place = try TemporaryDirectory()
    let written = try writeTower(
      smallResNet(.basic), hasConfiguration: hasConfiguration, to: place.path + "/resnet")
    let found = try ImageTowerDirectory(path: place.path + "/resnet", of: .audio)
    #expect(found.description is ClipResNetDescription && found.remarks.count >= 1 && found.preprocessing == nil)
    let description = try request(found, stated: ["model.audio.frames"]) { $0.audio.frames = 40 }
    #expect(description.images == .clips(ClipShape(bands: 128, frames: 40)))
    let model = LoadedModel(try #require(description as? DualEncoderConfiguration))
    let report = try found.weights.load(into: model.arena, at: description.place(of: .audio), isStrict: true)
    #expect(report.isExact && report.loaded.compactMap(\.change) == ["summed over 3 channels"])
    for (ours, theirs) in [("conv1.weight", "conv1.weight"), ("layer1.0.conv1.weight", "layer1.0.conv1.weight")] {
      let own = try #require(model.arena.slices.first { $0.name == "audio_model." + ours })
      let other = try #require(written.slices.first { $0.name == "vision_model." + theirs })
      let (values, source) = (Array(model.arena.weights(of: own)), Array(written.weights(of: other)))
      let channels = source.count / values.count
      #expect(channels == (ours == "conv1.weight" ? 3 : 1))
      let expected = values.indices.map { index in
        (0..<channels).reduce(Float(0)) { $0 + source[index / 49 * 49 * channels + index % 49 + $1 * 49] }
      }
      #expect(values == (channels == 3 ? expected : source))
    }
  }

  // MARK: With the head that it was published with

  @Test func aDirectoryWithAHeadIsAModelOfItsOwn() throws {
    let place = try PublishedAST()
    let directory = try ModelDirectory(path: place.path)
    let description = try #require(directory.description as? any PublishedClassifierDescription)
    #expect(description.classCount == 3 && description.classes == ["a dog", "rain", "a clock"])
    #expect(directory.tokenizerJSON.isEmpty && description.texts == .none && directory.clips?.maximumFrames == 36)
    #expect(try directory.loadingReport().isExact)
    #expect(try ModelCatalogue.description(json: description.json()).isEqual(to: description))
    // A run begins from its tower.
    let tower = try ImageTowerDirectory(path: place.path, of: .audio)
    let model = LoadedModel(try #require(request(tower) as? DualEncoderConfiguration))
    let report = try tower.weights.load(into: model.arena, at: .whole(.audio), isStrict: true)
    #expect(report.isExact && report.unused.count == 4)
  }

  /// From a sound to what transformers says of it, which pads its rows with those of silence.
  @Test func aSoundHasTransformersLogits() throws {
    let golden = goldenDirectory + "/ast-classes"
    let directory = try ModelDirectory(path: golden)
    let file = try SafetensorsFile(path: golden + "/case.safetensors")
    let preparation = try #require(directory.clips)
    let rows = ClipReader(.bands(preparation)).evaluation(
      Waveform(samples: try file.floats("input.waveform"), rate: 16_000))
    let features = try file.floats("input.features")
    #expect(rows.frames == 38 && rows.bands == 18)
    #expect(zip(rows.values, features).allSatisfy { abs($0 - $1) < 5e-4 })
    let (engine, builder) = (Engine(threadCount: 1), ParameterBuilder())
    let model = try #require(directory.description.make(builder) as? any PublishedClassifier)
    let arena = ParameterArena(builder)
    try directory.loadWeights(into: arena)
    let tape = Tape(engine, recording: false)
    let clips = PackedClips(rows: engine.tensor(rows.values, shape: [38, 18]), offsets: [0, 38])
    let silence = Float(-preparation.mean / preparation.deviation)
    let padded = clips.padded(to: preparation.maximumFrames, with: silence, engine)
    #expect(padded.frames == [42] && largestDifference(padded.rows, features, 5e-4) == nil)
    func logits(_ clips: PackedClips) -> Tensor {
      model.classify(model.imageEncoder(ImageInput(.clips(clips)), .pooled, tape), tape)
    }
    #expect(largestDifference(logits(padded), try file.floats("output.logits"), 1e-4) == nil)
    // Of its own frames alone it is another clip.
    #expect(largestDifference(logits(clips), try file.floats("output.logits"), 1e-4) != nil)
  }

  @Test func aTowerWithoutAHeadIsNone() throws {
    let error = #expect(throws: PretrainedError.self) { try ModelDirectory(path: directory) }
    #expect(error?.description.contains("a run begins from with initialize.audio") == true)
  }

  @Test func labelsAreTheHeads() throws {
    let place = try PublishedAST(labels: #""0": "a dog", "1": "rain""#)
    let error = #expect(throws: PretrainedError.self) { try ModelDirectory(path: place.path) }
    #expect(error?.description.contains("id2label names 2 classes, and the head has 3") == true)
  }

  @Test func noRunMakesOne() throws {
    let place = try PublishedAST()
    let found = try ModelDirectory(path: place.path).description
    let error = #expect(throws: ModelRequestError.self) {
      try ModelCatalogue.description(smallRequest("clip"), from: found)
    }
    #expect(error?.key == "initialize.weights" && error?.problem.contains("initialize.audio") == true)
  }
}

/// ast-tiny with a head of three classes, as transformers saves such a model.
private struct PublishedAST {
  let place: TemporaryDirectory
  var path: String { place.path }

  init(labels: String = #""0": "a dog", "1": "rain", "2": "a clock""#) throws {
    place = try TemporaryDirectory()
    let golden = goldenDirectory + "/ast-tiny"
    let text = String(decoding: try readFile(golden + "/config.json"), as: UTF8.self)
    let json = "{\"id2label\": {\(labels)}," + text.dropFirst()
    try writeAtomically(json.utf8, to: place.path + "/config.json")
    try writeAtomically(
      readFile(golden + "/preprocessor_config.json"), to: place.path + "/preprocessor_config.json")
    let file = try SafetensorsFile(path: golden + "/model.safetensors")
    var tensors = try file.entries.map { entry in
      NamedTensor(
        name: "audio_spectrogram_transformer." + entry.name, elementType: .float32, shape: entry.shape,
        copying: try file.floats(entry.name))
    }
    for (name, shape) in [
      ("layernorm.weight", [24]), ("layernorm.bias", [24]), ("dense.weight", [3, 24]), ("dense.bias", [3]),
    ] {
      tensors.append(
        NamedTensor(
          name: "classifier." + name, elementType: .float32, shape: shape,
          copying: drawn(name, count: shape.reduce(1, *))))
    }
    try writeSafetensors(tensors, to: place.path + "/model.safetensors")
  }
}
