public import Models
public import TensorEngine

/// [Σ w, √Σ w², Σ w·((i mod 7) − 3)], as Tests/Golden/models.py has it.
public func checksum(_ weights: UnsafeMutableBufferPointer<Float>) -> [Float] {
  var (sum, squares, places) = (0.0, 0.0, 0.0)
  for (index, weight) in weights.enumerated() {
    sum += Double(weight)
    squares += Double(weight) * Double(weight)
    places += Double(weight) * Double(index % 7 - 3)
  }
  return [Float(sum), Float(squares.squareRoot()), Float(places)]
}

extension CLIP {
  /// Features of the batch that a step of a curve in Tests/Golden takes: the two of clip-tiny in turns.
  public func goldenFeatures(step: Int, _ tape: Tape) throws -> (images: Tensor, texts: Tensor) {
    let golden = try GoldenFile("clip-tiny/golden.safetensors")
    let prefix = step % 2 == 0 ? "" : "second/"
    let pixels = try golden.array(prefix + "pixel_values")
    let text = PackedText(
      ids: try golden.integers(prefix + "ids").map(Int32.init), offsets: try golden.integers(prefix + "offsets"))
    return (
      encode(images: tape.engine.tensor(pixels.values, shape: pixels.shape), tape).features,
      encode(text: text, tape).features
    )
  }
}
