import Checkpoints
import Layers
import Models
import Pretrained
import TensorEngine
import TestSupport
import Testing

/// Positions at another image size and another length of text, against open_clip's and PyTorch's.
@Suite struct PositionInterpolationTests {
  private func resized(_ name: String, _ interpolate: ([Float], _ old: Int, _ new: Int, _ width: Int) -> [Float]) throws
  {
    let golden = try GoldenFile("finetuning.safetensors")
    let (table, expected) = (
      try golden.array("position/\(name)/table"), try golden.array("position/\(name)/resized")
    )
    let made = interpolate(table.values, table.shape[0], expected.shape[0], table.shape[1])
    #expect(difference(made, expected.values, relative: 2e-6, scale: .largest) == nil, "\(name)")
  }

  @Test(arguments: ["larger", "smaller", "little"])
  func patchesAreThoseOfOpenCLIP(name: String) throws {
    func side(_ positions: Int) -> Int { Int(Double(positions - 1).squareRoot().rounded()) }
    try resized(name) { interpolatedPositions($0, old: side($1), new: side($2), width: $3) }
  }

  @Test(arguments: ["text_longer", "text_shorter"])
  func positionsInATextAreThoseOfOpenCLIP(name: String) throws {
    try resized(name) { interpolatedPositions(ofText: $0, old: $1, new: $2, width: $3) }
  }

  /// Bilinear, corners on corners, behind a class token's row or not (`Tests/Golden/positions.py`).
  @Test(arguments: ["larger", "smaller", "one", "from_one"])
  func cornersStandOnCorners(name: String) throws {
    let golden = try GoldenFile("positions.safetensors")
    let (table, expected) = (try golden.array(name + "/table"), try golden.array(name + "/resized"))
    let first = try golden.integers(name + "/first")[0]
    func side(_ rows: Int) -> Int { Int(Double(rows - first).squareRoot().rounded()) }
    let made = interpolatedPositions(
      cornersOf: table.values, first: first, old: side(table.shape[0]), new: side(expected.shape[0]),
      width: table.shape[1])
    #expect(difference(made, expected.values, relative: 1e-6, scale: .largest) == nil)
  }

  /// A ViLT whose table is of 3 × 3 patches, made for pictures of 5 × 5: what transformers makes of these.
  @Test func aViLTOfLargerPicturesIsTransformers() throws {
    let golden = try GoldenFile("positions.safetensors")
    let directory = goldenDirectory + "/vilt-tiny"
    let found = try ViLTConfiguration(towerSettings("vilt-tiny"))
    let description = try ViLTConfiguration(
      smallRequest("vilt", stated: ["model.vision.image_size"]) { $0.vision.imageSize = 40 }, from: found)
    let (builder, engine) = (ParameterBuilder(), Engine(threadCount: 1))
    let model = ViLT(description, builder)
    let arena = ParameterArena(builder)
    let report = try loadWeights(from: directory, into: arena, strictness: .whatFits, interpolatesPositions: true)
    let changed = report.loaded.filter { $0.change != nil }
    #expect(changed.map(\.name) == ["vilt.embeddings.position_embeddings"])
    #expect(
      changed[0].change == "interpolated, 3×3 to 5×5 patches" && report.mismatched.isEmpty && report.missing.isEmpty)
    let pixels = try golden.array("vilt/pixels")
    let ids = try golden.integers("vilt/ids").map(Int32.init)
    let tape = Tape(engine, recording: false)
    let joint = model.join(
      model.imageEncoder(ImageInput(engine.tensor(pixels.values, shape: pixels.shape)), .all, tape),
      model.textEncoder(PackedText(ids: ids, offsets: [0, 5, 10]), .all, tape),
      [ImageTextPair(image: 0, text: 0), ImageTextPair(image: 1, text: 1)], tape)
    let pooled = model.pooled(joint, tape).values()
    #expect(difference(pooled, try golden.floats("vilt/pooled"), relative: 1e-5, scale: .largest) == nil)
  }

  /// What is no square, or of another width, is not brought to anything.
  @Test func whatIsNoGridStaysRefused() throws {
    let builder = ParameterBuilder()
    let table = builder.parameter("table", [1, 10, 4], .constant(0), firstOfGrid: 1).slices[0]
    #expect(PositionInterpolation(of: table, from: [1, 17, 4], to: [1, 10, 4]) == .corners(first: 1, old: 4, new: 3))
    for found in [[1, 16, 4], [1, 17, 5], [2, 17, 4], [17, 4], [1, 1, 4], [1, 0, 4]] {
      #expect(PositionInterpolation(of: table, from: found, to: [1, 10, 4]) == nil, "\(found)")
    }
  }

  @Test func theSameNumberOfThemStaysAsItIs() {
    let table = (0..<10 * 3).map { Float($0 * $0 % 17) }
    #expect(interpolatedPositions(cornersOf: table, first: 1, old: 3, new: 3, width: 3) == table)
    #expect(interpolatedPositions(table, old: 3, new: 3, width: 3) == table)
    #expect(interpolatedPositions(ofText: table, old: 10, new: 10, width: 3) == table)
  }
}
