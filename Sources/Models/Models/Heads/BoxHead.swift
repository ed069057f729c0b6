public import Layers
public import TensorEngine

/// Where in an image the thing is that a text names. What stands for the pair asks the image's tokens, which know the cells that they stand
/// for; and a perceptron makes of what it is told the centre, width and height of a box, as shares of the image: as the last layers of
/// DETR make theirs (Carion et al., "End-to-End Object Detection with Transformers", 2020, §3.2).
public struct BoxHead {
  public let reader: PooledReader
  /// Of an image's tokens; nil where they differ from image to image, as regions do, whose tokens know them already.
  private let cells: [Box]?
  private let query: Linear
  private let keyValue: Linear
  private let places: Linear?
  private let dense: Linear
  private let norm: LayerNorm
  private let output: Linear

  private static let heads = 4
  private static let deviation: Float = 0.02

  /// Nil for a model in which image and text do not meet, or whose image tokens are no places.
  public init?(_ model: any Model, _ builder: ParameterBuilder) {
    guard let joint = model as? any JointModel, let places = joint.places,
      let reader = PooledReader(model, reading: [.image, .text], builder)
    else { return nil }
    self.reader = reader
    cells = places.cells
    let width = max(Self.heads, (joint.jointImageWidth + Self.heads - 1) / Self.heads * Self.heads)
    let linear = { (names: String, inputs: Int, outputs: Int) in
      Linear(builder, names, inputs: inputs, outputs: outputs, keepsFloat32: true, standardDeviation: Self.deviation)
    }
    query = linear("query", reader.width, width)
    keyValue = Linear(
      builder, "key", "value", inputs: joint.jointImageWidth, outputs: width, keepsFloat32: true,
      standardDeviation: Self.deviation)
    self.places =
      cells == nil
      ? nil
      : Linear(
        builder, "key_place", "value_place", inputs: BoxNumbers.withArea.rawValue, outputs: width, keepsFloat32: true,
        standardDeviation: 1)
    dense = Linear(
      builder, "dense", inputs: width + reader.width, outputs: 2 * width, activation: .geluErf,
      standardDeviation: Self.deviation)
    norm = LayerNorm(builder, "norm", width: 2 * width, epsilon: 1e-5)
    output = linear("output", 2 * width, 4)
  }

  /// Centre, width and height of each sample's box [N, 4], from 0 to 1; images, texts and samples as `PooledReader` has them.
  public func callAsFunction(
    _ model: any Model, images: Encoding?, texts: Encoding?, _ samples: [PooledReader.Sample], _ tape: Tape
  ) -> Tensor {
    guard let joint = model as? any JointModel else { preconditionFailure("another model's head") }
    let states = reader.jointStates(joint, images: images, texts: texts, samples, tape)
    let pooled = joint.pooled(states, tape)
    let told = tape.attention(
      query: query(pooled, tape), keyValue: keyValues(of: states.images, tape), heads: Self.heads,
      segments: AttentionSegments(
        queryOffsets: Array(0...pooled.rows), keyOffsets: states.images.offsets, keySegments: states.imageOfPair))
    let read = norm(dense(tape.concatenateColumns(told, pooled), tape), tape)
    return tape.activate(output(read, tape), .sigmoid)
  }

  private func keyValues(of images: Encoding, _ tape: Tape) -> Tensor {
    let seen = keyValue(images.states, tape)
    guard let places, let cells else { return seen }
    precondition(images.states.rows == images.count * cells.count, "images of other cells than the head is for")
    let numbers = cells.flatMap { BoxNumbers.withArea($0) }
    let all = (0..<images.count).flatMap { _ in numbers }
    let rows = tape.engine.tensor(all, shape: [images.states.rows, BoxNumbers.withArea.rawValue])
    return tape.add(seen, places(rows, tape))
  }
}

extension JointModel {
  /// What its image tokens stand for: the same cells in every image, or what differs from image to image (nil). Nil where they are no
  /// places.
  fileprivate var places: (cells: [Box]?, Void)? {
    guard let side = description.images.side else { return (nil, ()) }
    let engine = Engine(threadCount: 1)
    let picture = engine.tensor([Float](repeating: 0, count: 3 * side * side), shape: [1, 3, side, side])
    return imageEncoder.boxes(of: ImageInput(picture)).map { ($0[0], ()) }
  }
}
