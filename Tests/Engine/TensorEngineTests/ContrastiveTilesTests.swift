import Foundation
import Randomness
import TensorEngine
import Testing

/// A few rows of this rank against the features of very many: the logits never exist as a whole.
@Suite struct ContrastiveTilesTests {
  private static let (rows, count, width, first, scale) = (40, 65_536, 4, 1000, Float(2.3))

  private struct Features {
    let local: [Float], all: [Float]
  }

  /// Rows of length one.
  private static func features(_ seed: UInt64) -> Features {
    var random = RandomStream(seed: seed, 1)
    var all = (0..<count * width).map { _ in random.normal() }
    for row in 0..<count {
      let range = row * width..<(row + 1) * width
      let norm = all[range].reduce(0) { $0 + $1 * $1 }.squareRoot()
      for index in range { all[index] /= norm }
    }
    return Features(local: Array(all[first * width..<(first + rows) * width]), all: all)
  }

  @Test func lossAndGradientsEqualThoseOfAllLogitsAtOnce() throws {
    let (images, texts) = (Self.features(1), Self.features(2))
    let engine = Engine(threadCount: 2)
    let tape = Tape(engine)
    func tensor(_ values: [Float]) -> Tensor {
      engine.tensor(values, shape: [values.count / Self.width, Self.width], requiresGradient: true)
    }
    let inputs = [images.local, texts.local, images.all, texts.all].map(tensor)
    let logitScale = engine.tensor([Self.scale], shape: [], requiresGradient: true)
    let before = engine.reservedBytes
    let loss = tape.contrastiveLoss(
      image: inputs[0], text: inputs[1], allImages: inputs[2], allTexts: inputs[3], logitScale: logitScale,
      first: Self.first)
    try tape.backward(from: loss)
    // All logits of one side are 10.5 MB; both sides' and their gradients would be four times that.
    #expect(engine.reservedBytes - before < 16 << 20)

    let exact = Reference(images: images, texts: texts)
    #expect(abs(Double(loss.value) - exact.loss) < 1e-6 * exact.loss)
    #expect(abs(Double(logitScale.gradientValues()[0]) - exact.dlogScale) < 1e-5 * abs(exact.dlogScale))
    for (input, expected) in zip(inputs, exact.gradients) {
      let largest = expected.reduce(0) { max($0, abs($1)) }
      let worst = zip(input.gradientValues(), expected).reduce(0) { max($0, abs(Double($1.0) - $1.1)) }
      #expect(worst < 1e-5 * largest)
    }
  }

  /// The loss and its gradients in double precision, from whole rows of logits.
  private struct Reference {
    private(set) var loss = 0.0
    private(set) var dlogScale = 0.0
    /// Of local images, local texts, all images, all texts.
    private(set) var gradients: [[Double]]

    init(images: Features, texts: Features) {
      gradients = [images.local, texts.local, images.all, texts.all].map { [Double](repeating: 0, count: $0.count) }
      add(local: images.local, all: texts.all, dlocal: 0, dall: 3)
      add(local: texts.local, all: images.all, dlocal: 1, dall: 2)
    }

    private mutating func add(local: [Float], all: [Float], dlocal: Int, dall: Int) {
      let (width, scale) = (ContrastiveTilesTests.width, exp(Double(ContrastiveTilesTests.scale)))
      for row in 0..<ContrastiveTilesTests.rows {
        let logits = (0..<ContrastiveTilesTests.count).map { column in
          scale
            * (0..<width).reduce(0.0) { $0 + Double(local[row * width + $1]) * Double(all[column * width + $1]) }
        }
        let highest = logits.max() ?? 0
        let sum = logits.reduce(0) { $0 + exp($1 - highest) }
        let target = ContrastiveTilesTests.first + row
        let factor = 1 / Double(2 * ContrastiveTilesTests.count)
        loss += factor * (highest + log(sum) - logits[target])
        for (column, logit) in logits.enumerated() {
          let d = factor * (exp(logit - highest) / sum - (column == target ? 1 : 0))
          dlogScale += d * logit
          for k in 0..<width {
            gradients[dlocal][row * width + k] += scale * d * Double(all[column * width + k])
            gradients[dall][column * width + k] += scale * d * Double(local[row * width + k])
          }
        }
      }
    }
  }
}
