internal import Models
internal import TensorEngine

/// The states of pairs whose tokens stand in one sequence: a text's, then its image's. Image i meets text i.
struct SequenceCase: CasePart {
  /// Other programs say here how they take the padding out, and where tokens stand; this one has none, and knows where.
  static let inputs = JointCase.inputs + [packing, "input.gather_index", "input.position_ids"]
  /// [B, slots, W]
  static let results = ["output.states"]

  /// Where it is there an image's tokens stand right behind its text's; else behind the slots of the longest.
  private static let packing = "input.packed_attention_mask"

  private let model: any JointModel

  init?(_ model: any Model) {
    guard let model = model as? any SingleStreamModel else { return nil }
    self.model = model
  }

  /// [T + R, W]
  func result(_ name: String, of run: CaseRun) throws -> Tensor {
    let joint = try run.joint(model, for: name)
    let (texts, images) = (joint.texts, joint.images)
    let rows = (0..<texts.count).flatMap { pair in
      Array(texts.offsets[pair]..<texts.offsets[pair + 1])
        + (images.offsets[pair]..<images.offsets[pair + 1]).map { texts.states.rows + $0 }
    }
    return run.tape.gatherRows(run.tape.concatenateRows([texts.states, images.states]), rows)
  }

  func slots(_ name: String, of run: CaseRun) throws -> CaseSlots? {
    let joint = try run.joint(model, for: name)
    let (texts, images) = (joint.texts.offsets, joint.images.offsets)
    let packed = try run.slots(name, of: zip(texts, images).map { $0 + $1 })
    guard !run.has(Self.packing) else {
      _ = try run.shape(Self.packing, packed.shape, for: name)
      return packed
    }
    let (slots, words) = (packed.shape[1], run.arrayShape("input.input_ids")[1])
    guard zip(images, images.dropFirst()).allSatisfy({ words + $1 - $0 <= slots }) else {
      throw run.mistaken(name, "has \(slots) slots a pair, \(words) of them for words: too few for all images")
    }
    let rows = (0..<joint.texts.count).flatMap { pair -> [Int] in
      let start = pair * slots
      let (own, other) = (texts[pair + 1] - texts[pair], images[pair + 1] - images[pair])
      return Array(start..<start + own) + Array(start + words..<start + words + other)
    }
    return CaseSlots(shape: packed.shape, rows: rows)
  }
}
