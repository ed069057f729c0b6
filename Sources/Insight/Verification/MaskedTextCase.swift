internal import Models
internal import Objectives
internal import TensorEngine

/// What masked words were. The ids hold the masks, text i meets image i, and the rows go by text, then by place.
struct MaskedTextCase: CasePart {
  static let inputs = FeatureCase.inputs + [labels]
  static let results = [logits, "loss.mlm", elements]
  static let weights: [String: Float] = [elements: 0]

  /// The word that stood there, and -1 where none is asked for [B, T].
  private static let labels = "input.mlm_labels"
  private static let logits = "output.mlm_logits"
  /// Of each masked word [M].
  private static let elements = "loss.mlm_elements"

  private let model: any MaskedTextModel
  private let head: MaskedTextHead

  init?(_ model: any Model) {
    guard let model = model as? any MaskedTextModel, let head = model.maskedTextHead else { return nil }
    (self.model, self.head) = (model, head)
  }

  func result(_ name: String, of run: CaseRun) throws -> Tensor {
    let (images, texts) = (try run.images(model, for: name), try run.packedTexts(for: name))
    guard images.count == texts.count else {
      throw run.mistaken("input.input_ids", "holds \(texts.count) texts for \(images.count) images")
    }
    let (rows, targets) = try masked(texts, name, run)
    let logits = model.logits(of: MaskedText(masked: texts, rows: rows, targets: targets), images, head, run.tape)
    return switch name {
    case Self.logits: logits
    case Self.elements: run.tape.engine.crossEntropies(logits, targets: targets)
    default: run.tape.crossEntropy(logits, targets: targets, count: rows.count)
    }
  }

  /// Rows of the packed text, and what stood there.
  private func masked(_ texts: PackedText, _ name: String, _ run: CaseRun) throws -> ([Int], [Int32]) {
    let shape = try run.shape(Self.labels, [texts.count, nil], for: name)
    let labels = try run.integers(
      Self.labels, try run.shape("input.input_ids", [nil, nil], for: name),
      in: -1..<run.model.description.texts.vocabularySize, for: name)
    var (rows, targets): ([Int], [Int32]) = ([], [])
    for (place, label) in labels.enumerated() where label >= 0 {
      let row = texts.offsets[place / shape[1]] + place % shape[1]
      guard row < texts.offsets[place / shape[1] + 1] else {
        throw run.mistaken(Self.labels, "asks for a word behind the end of text \(place / shape[1])")
      }
      rows.append(row)
      targets.append(Int32(label))
    }
    guard !rows.isEmpty else { throw run.mistaken(Self.labels, "is -1 everywhere, so no word is asked for") }
    return (rows, targets)
  }
}
