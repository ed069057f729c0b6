import Files
import Models
import Pretrained
import TensorEngine
import TestSupport
import Testing

/// Published shapes with random weights, in both layouts, against transformers and open_clip (Tests/Golden/parity.py).
@Suite(
  .enabled(if: python != nil, "set MMTRAIN_PYTHON to a Python with torch, transformers and open_clip"), .serialized)
struct ParityTests {
  @Test(
    .timeLimit(.minutes(5)),
    arguments: ["tiny-1", "tiny-2", "tiny-3", "b32", "b16", "l14-336"], ["huggingface", "open_clip"])
  func featuresAndLogitsAreTheLibrarys(shape: String, layout: String) throws {
    let place = try TemporaryDirectory()
    let interpreter = try #require(python)
    let made = try run(interpreter, [goldenDirectory + "/parity.py", shape, layout, place.path])
    try #require(made.status == 0, "\(made.output)\(made.errors)")
    if !shape.hasPrefix("tiny") {
      let directory = try #require(sharedDirectory)
      try writeAtomically(
        readFile(directory + "/data/tokenizers/clip/tokenizer.json"), to: place("tokenizer.json"))
    }
    let golden = try GoldenFile(absolute: place("golden.safetensors"))
    let pixels = try golden.array("pixel_values")
    let ids = try golden.integers("input_ids").map(Int32.init)
    for precision in Precision.allCases where precision.isSupported {
      let model = try loaded(place.path, precision)
      let (image, text) = try model.features(pixels: pixels, ids: ids)
      let cosine = min(leastCosine(image, try golden.array("image")), leastCosine(text, try golden.array("text")))
      let logits = try model.logits(pixels: pixels, ids: ids)
      let worst = zip(logits, try golden.floats("logits")).map { ($0 - $1).magnitude }.max() ?? .infinity
      print("parity: \(shape) \(layout) \(precision): max |Δlogit| \(worst), 1 - cosine \(1 - cosine)")
      #expect(cosine >= (precision == .fp32 ? 0.999_999 : 0.999))
      if precision == .fp32 { #expect(worst <= 1e-3) }
    }
  }

  private func loaded(_ path: String, _ precision: Precision) throws -> LoadedModel {
    let directory = try ModelDirectory(path: path)
    let model = LoadedModel(directory.description, precision)
    try directory.loadWeights(into: model.arena, threads: model.engine.threads)
    return model
  }
}

/// The least cosine between rows of both.
func leastCosine(_ values: [Float], _ expected: GoldenArray) -> Double {
  let width = expected.shape[1]
  return (0..<expected.shape[0]).map { row in
    var (dot, a, b) = (0.0, 0.0, 0.0)
    for index in row * width..<(row + 1) * width {
      let (x, y) = (Double(values[index]), Double(expected.values[index]))
      (dot, a, b) = (dot + x * y, a + x * x, b + y * y)
    }
    return dot / (a * b).squareRoot()
  }.min() ?? -1
}
