internal import Models
internal import TensorEngine

/// A model on the inputs of a case file. What its encoders make of them is computed once, however many results are asked for.
final class CaseRun {
  let model: any Model
  let tape: Tape
  private let file: CaseFile
  /// What was asked for so far.
  private(set) var read: Set<String> = []
  private var images: Encoding?
  private var texts: Encoding?
  private var joint: JointStates?

  init(_ model: any Model, _ file: CaseFile, _ tape: Tape) { (self.model, self.file, self.tape) = (model, file, tape) }

  /// Numbers of a shape whose nil dimensions may be any but 0.
  func floats(_ name: String, _ wanted: [Int?], for result: String) throws -> Tensor {
    let shape = try shape(name, wanted, for: result)
    return tape.engine.tensor(try file.floats(name), shape: shape)
  }

  func images(_ model: any ImageModel, for result: String) throws -> Encoding {
    if let images { return images }
    let made = model.imageEncoder(try imageInput(for: result), .all, tape)
    images = made
    return made
  }

  func texts(_ model: any TextModel, for result: String) throws -> Encoding {
    if let texts { return texts }
    let packed = try packedTexts(for: result)
    let made =
      try tasks(of: packed.count, model, for: result).map { $0.encode(packed, tasks: $1, tape) }
      ?? model.textEncoder(packed, .all, tape)
    texts = made
    return made
  }

  /// Of image i and text i.
  func joint(_ model: any JointModel, for result: String) throws -> JointStates {
    if let joint { return joint }
    let (images, texts) = (try images(model, for: result), try texts(model, for: result))
    guard images.count == texts.count else {
      throw mistaken("input.input_ids", "holds \(texts.count) texts for \(images.count) images")
    }
    let made = model.join(
      images, texts, (0..<texts.count).map { ImageTextPair(image: $0, text: $0) }, tape)
    joint = made
    return made
  }

  func has(_ name: String) -> Bool { file.has(name) }

  /// Of an array that is compared; empty for one that is not there.
  func arrayShape(_ name: String) -> [Int] { file.shape(name) }

  /// Integers of a shape whose nil dimensions may be any but 0.
  /// - Parameter range: of all values, where not every one will do.
  func integers(_ name: String, _ wanted: [Int?], in range: Range<Int>? = nil, for result: String) throws -> [Int] {
    _ = try shape(name, wanted, for: result)
    let values = try file.integers(name)
    if let range, let value = values.first(where: { !range.contains($0) }) {
      throw mistaken(
        name, "holds \(value), and values from \(range.lowerBound) to \(range.upperBound - 1) are possible")
    }
    return values
  }

  func mistaken(_ name: String, _ problem: String) -> CaseError {
    .mistakenArray(path: file.path, name: name, problem: problem)
  }

  /// The shape of an input, which has to be there and to be the model's.
  func shape(_ name: String, _ wanted: [Int?], for result: String) throws -> [Int] {
    guard file.has(name) else { throw CaseError.missingInput(path: file.path, name: name, result: result) }
    read.insert(name)
    let shape = file.shape(name)
    let fits = shape.count == wanted.count && zip(shape, wanted).allSatisfy { $0 > 0 && $0 == $1 ?? $0 }
    guard fits else {
      let words = wanted.map { $0.map(String.init) ?? "…" }.joined(separator: ", ")
      throw mistaken(name, "has the shape \(shape), and the model reads [\(words)]")
    }
    return shape
  }
}
