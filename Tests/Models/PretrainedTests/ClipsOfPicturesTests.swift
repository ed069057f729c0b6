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

/// Towers of clips that begin from transformers of pictures, as AST's authors begin theirs.
@Suite struct ClipsOfPicturesTests {
  private func description(_ found: ImageTowerDirectory, frames: Int) throws -> any ModelDescription {
    var towers = FoundTowers()
    towers.audio = found.description as? any ClipTowerDescription
    return try ModelCatalogue.description(
      smallRequest("dual-encoder", stated: ["model.audio.frames"], towers: towers) { $0.audio.frames = frames })
  }

  /// A model that has read the directory, and what the run says of its loading.
  private func loaded(
    _ directory: String, frames: Int
  ) throws -> (model: LoadedModel, report: LoadingReport) {
    let found = try ImageTowerDirectory(path: directory, of: .audio)
    let description = try description(found, frames: frames)
    let model = LoadedModel(try #require(description as? DualEncoderConfiguration))
    let report = try found.weights.load(into: model.arena, at: description.place(of: .audio), isStrict: true)
    return (model, report)
  }

  private static let kernel = "summed over 3 channels"
  private static let teacher = "begun as embeddings.cls_token, as such files have none"

  @Test(arguments: [
    (
      "ast-of-vit", 66,
      [
        teacher,
        "interpolated, 14×14 patches of pictures to 12×6 of clips: the middle 12 lines, the middle 6 columns; "
          + "that of the class token for 2 tokens", kernel,
      ]
    ),
    (
      "ast-of-vit", 176,
      [
        teacher,
        "interpolated, 14×14 patches of pictures to 12×17 of clips: the middle 12 lines, 17 columns between the "
          + "14; that of the class token for 2 tokens", kernel,
      ]
    ),
    // As many patches of a clip as of a picture are another grid.
    (
      "ast-of-deit", 40,
      [
        "interpolated, 6×6 patches of pictures to 12×3 of clips: 12 lines between the 6, the middle 3 columns", kernel,
      ]
    ),
    (
      "ast-of-deit", 99,
      [
        "interpolated, 6×6 patches of pictures to 12×9 of clips: 12 lines between the 6, 9 columns between the 6",
        kernel,
      ]
    ),
  ]) func statesAreThoseOfTheAuthorsWay(_ name: String, _ frames: Int, _ changes: [String]) throws {
    let (model, report) = try loaded(goldenDirectory + "/" + name, frames: frames)
    #expect(report.isExact && report.loaded.compactMap(\.change) == changes)
    #expect(report.unused == ["pooler.dense.bias", "pooler.dense.weight"])
    let golden = try GoldenFile(name + "/golden.safetensors")
    let positions = try #require(
      model.arena.slices.first { $0.name == "audio_model.embeddings.position_embeddings" })
    let table = model.engine.tensor(Array(model.arena.weights(of: positions)), shape: [positions.count])
    #expect(largestDifference(table, try golden.floats("\(frames)/positions"), 1e-6) == nil)
    let rows = try golden.array("\(frames)/rows")
    let clips = PackedClips(rows: model.engine.tensor(rows.values, shape: rows.shape), offsets: [0, frames])
    let tape = Tape(model.engine, recording: false)
    let encoded = model.model.imageEncoder(ImageInput(.clips(clips)), .all, tape)
    #expect(largestDifference(encoded.states, try golden.floats("\(frames)/states"), 1e-4) == nil)
    let pooled = model.model.imageEncoder.pooled(encoded, tape)
    #expect(largestDifference(pooled, try golden.floats("\(frames)/pooled"), 1e-4) == nil)
  }

  @Test func sizesAreThePictures() throws {
    let found = try ImageTowerDirectory(path: goldenDirectory + "/ast-of-vit", of: .audio)
    let tower = try #require(found.description as? ASTConfiguration)
    #expect(tower.width == 16 && tower.layerCount == 2 && tower.heads == 2 && tower.intermediate == 24)
    #expect(tower.patchSize == 16 && tower.frequencyStride == 10 && tower.timeStride == 10)
    #expect(tower.bands == 128 && tower.frames == 1024 && found.clips == .ast && found.preprocessing == nil)
    #expect(found.remarks == ["the weights of ast-of-vit were made for pictures: they begin a tower of clips"])
    // Patches that are smaller than the usual stride leave nothing out.
    let small = try ImageTowerDirectory(path: goldenDirectory + "/vit-tiny", of: .audio).description
    #expect((small as? ASTConfiguration)?.patchSize == 8 && (small as? ASTConfiguration)?.timeStride == 8)
  }

  /// A model of its own, with a head, and the image tower of a pair of encoders.
  @Test func partsOfModelsBeginOne() throws {
    let place = try TemporaryDirectory()
    let (golden, named) = (goldenDirectory + "/ast-of-deit", place.path + "/named")
    try prefixed(golden, "deit.", ["cls_classifier.weight", "distillation_classifier.weight"], to: named)
    let (_, report) = try loaded(named, frames: 40)
    #expect(report.isExact && report.unused.count == 4)
    let pair = try ImageTowerDirectory(path: goldenDirectory + "/dual-encoder-tiny/vit", of: .audio)
    #expect(pair.description is ASTConfiguration)
  }

  /// A DeiT's positions are for both of its tokens: without one of these it is damaged, and no ViT.
  @Test func aDeiTWithoutItsTokenIsRefused() throws {
    let place = try TemporaryDirectory()
    try prefixed(goldenDirectory + "/ast-of-deit", "", [], without: "embeddings.distillation_token", to: place.path)
    let error = #expect(throws: CheckpointError.self) { try loaded(place.path, frames: 99) }
    #expect(error?.description.contains("position_embeddings: [1, 110, 16] needed, [1, 38, 16] found") == true)
  }

  /// Nor does an AST without it become one of pictures.
  @Test func anASTWithoutItsTokenIsRefused() throws {
    let place = try TemporaryDirectory()
    try prefixed(goldenDirectory + "/ast-tiny", "", [], without: "embeddings.distillation_token", to: place.path)
    let error = #expect(throws: PretrainedError.self) { try ImageTowerDirectory(path: place.path, of: .audio) }
    #expect(error?.description.contains("its keys are not AST's") == true)
  }

  @Test func aTextTowerIsToldWhatThereIs() throws {
    let error = #expect(throws: SettingsError.self) {
      try ImageTowerDirectory(path: goldenDirectory + "/bert-tiny", of: .audio)
    }
    #expect(
      error?.description.contains("this is a BERT, and mmtrain has no such model; it has AST, ResNet of clips") == true)
  }

  /// A directory's weights under other names, with further arrays or without one.
  private func prefixed(
    _ source: String, _ prefix: String, _ further: [String], without left: String? = nil, to directory: String
  ) throws {
    try makeDirectory(directory)
    try writeAtomically(readFile(source + "/config.json"), to: directory + "/config.json")
    let file = try SafetensorsFile(path: source + "/model.safetensors")
    let tensors = try file.entries.filter { $0.name != left }.map { entry in
      NamedTensor(
        name: prefix + entry.name, elementType: .float32, shape: entry.shape, copying: try file.floats(entry.name))
    }
    let others = further.map {
      NamedTensor(name: $0, elementType: .float32, shape: [2], copying: [Float](repeating: 0, count: 2))
    }
    try writeSafetensors(tensors + others, to: directory + "/model.safetensors")
  }
}
