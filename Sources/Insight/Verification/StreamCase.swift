internal import Models
internal import TensorEngine

/// The tokens of text and image in one sequence, before its first layer and behind its last. Image i meets text i. An array has the slots
/// of a text, padding among them, and then those of its image.
struct StreamCase: CasePart {
  /// Other programs say here how they take the padding out, and where tokens stand; this one has none, and knows where.
  static let inputs = JointCase.inputs + [packing, "input.gather_index", "input.position_ids"]
  static let results = [embedding, states, mask]

  /// [B, N, W]; only slots of tokens that are there are compared.
  private static let (embedding, states) = ("output.embedding", "output.states")
  /// 1 in these slots [B, N].
  private static let mask = "output.joint_mask"
  /// Where it is there an image's tokens stand right behind its text's [B, N].
  private static let packing = "input.packed_attention_mask"

  private let model: any SingleStreamModel

  init?(_ model: any Model) {
    guard let model = model as? any SingleStreamModel else { return nil }
    self.model = model
  }

  func result(_ name: String, of run: CaseRun) throws -> Tensor {
    let tokens = try tokens(name, run)
    switch name {
    case Self.embedding: return tokens.states
    case Self.states: return model.states(tokens, run.tape)
    default:
      let slots = try slots(of: tokens, name, run)
      var values = [Float](repeating: 0, count: slots.shape.reduce(1, *))
      for row in slots.rows { values[row] = 1 }
      return run.tape.engine.tensor(values, shape: slots.shape)
    }
  }

  func slots(_ name: String, of run: CaseRun) throws -> CaseSlots? {
    name == Self.mask ? nil : try slots(of: tokens(name, run), name, run)
  }

  private func tokens(_ name: String, _ run: CaseRun) throws -> PackedPairs {
    let (images, texts) = (try run.images(model, for: name), try run.texts(model, for: name))
    guard images.count == texts.count else {
      throw run.mistaken("input.input_ids", "holds \(texts.count) texts for \(images.count) images")
    }
    return model.embed(
      images, texts, (0..<texts.count).map { ImageTextPair(image: $0, text: $0) }, run.tape)
  }

  private func slots(of tokens: PackedPairs, _ name: String, _ run: CaseRun) throws -> CaseSlots {
    guard !run.has(Self.packing) else {
      let packed = try run.slots(name, of: tokens.offsets, isMask: name == Self.mask)
      _ = try run.shape(Self.packing, packed.shape, for: name)
      return packed
    }
    let textSlots = try run.shape("input.input_ids", [nil, nil], for: name)[1]
    let pairs = 0..<tokens.count
    let count = textSlots + (pairs.map { tokens.imageRows($0).count }.max() ?? 0)
    return CaseSlots(
      shape: [tokens.count, count],
      rows: pairs.flatMap { pair in
        Array(pair * count..<pair * count + tokens.textRows(pair).count)
          + (0..<tokens.imageRows(pair).count).map { pair * count + textSlots + $0 }
      })
  }
}
