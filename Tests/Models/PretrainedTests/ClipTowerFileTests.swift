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
    #expect(found.clips?.bands == 18 && found.clips?.maximumFrames == 36 && found.clips?.mean == -4.2677393)
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

  @Test func towersAreNamedByWhatTheyRead() throws {
    let pictures = goldenDirectory + "/vit-tiny"
    let first = #expect(throws: PretrainedError.self) { try ImageTowerDirectory(path: directory) }
    #expect(first?.description.contains("name it with initialize.audio") == true)
    let second = #expect(throws: PretrainedError.self) { try ImageTowerDirectory(path: pictures, of: .audio) }
    #expect(second?.description.contains("name it with initialize.vision") == true)
  }
}
