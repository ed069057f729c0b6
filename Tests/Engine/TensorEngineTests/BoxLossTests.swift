import TensorEngine
import TestSupport
import Testing

/// Boxes against boxes, by torchvision's numbers (`Tests/Golden/boxes.py`).
@Suite struct BoxLossTests {
  private let engine = Engine(threadCount: 1)

  private func loss(
    _ boxes: [Float], _ targets: [Float], distance: Float, overlap: Float, count: Int
  ) throws -> (value: Float, gradient: [Float]) {
    let tape = Tape(engine)
    let x = engine.tensor(boxes, shape: [boxes.count / 4, 4], requiresGradient: true)
    let loss = tape.boxLoss(
      x, targets: engine.tensor(targets, shape: x.shape), weights: (distance, overlap), count: count)
    try tape.backward(from: loss)
    return (loss.value, try #require(x.gradient).values())
  }

  @Test func distanceAndOverlapAreTorchvisions() throws {
    let golden = try GoldenFile("boxes.safetensors")
    let (boxes, targets) = (try golden.floats("boxes"), try golden.floats("targets"))
    let made = try loss(boxes, targets, distance: 5, overlap: 2, count: 9)
    #expect(difference([made.value], try golden.floats("loss"), relative: 1e-6) == nil)
    #expect(difference(made.gradient, try golden.floats("gradient"), relative: 2e-6, scale: .largest) == nil)
    // One by one, the overlap alone.
    for (row, overlap) in try golden.floats("giou").enumerated() {
      let part = row * 4..<row * 4 + 4
      let one = try loss(Array(boxes[part]), Array(targets[part]), distance: 0, overlap: 1, count: 1)
      #expect(abs(1 - one.value - overlap) < 2e-6, "box \(row)")
    }
  }

  /// Of a box that is the other one nothing is left to learn, and of one without an extent nothing is divided by zero.
  @Test func endsAreFinite() throws {
    let box: [Float] = [0.5, 0.5, 0.25, 0.25]
    let same = try loss(box, box, distance: 5, overlap: 2, count: 1)
    #expect(abs(same.value) < 1e-5)
    let point = try loss([0.25, 0.5, 0, 0], box, distance: 1, overlap: 1, count: 1)
    #expect(point.value.isFinite && point.gradient.allSatisfy(\.isFinite))
    let nothing = try loss([0.5, 0.5, 0, 0], [0.5, 0.5, 0, 0], distance: 1, overlap: 1, count: 1)
    #expect(nothing.value.isFinite && nothing.gradient.allSatisfy(\.isFinite))
  }
}
