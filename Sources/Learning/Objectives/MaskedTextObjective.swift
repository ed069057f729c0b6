internal import Collectives
public import Models
public import TensorEngine
public import Tokenization

/// Which words were masked? The text is read once more with some of them hidden, meets its image, and the joint states at the
/// hidden places say what stood there (Devlin et al., "BERT", 2019; with the image as in Chen et al., "UNITER", 2020).
public struct MaskedTextObjective: Objective {
  public static let name = "masked_text"
  public static let summary = "What masked words were, told from the rest of the text and the image."
  public static let otherNames = ["mlm"]
  /// Of models that have the head of their own; others get it where somebody asks for it.
  public static let usualWeight = 1.0
  public static let needs = [ModelPart.maskedTextHead]
  public static let looksAtFeaturesOnly = false
  public static let comparesPairs = false
  public static let isOfSingleSamples = true

  private let model: any MaskedTextModel
  private let head: MaskedTextHead
  private let vocabulary: MaskingVocabulary
  private let settings: ObjectiveSettings
  private let seed: UInt64
  private let communicator: any Communicator

  public static func lack(of vocabulary: MaskingVocabulary?) -> String? {
    vocabulary == nil ? "masking needs a tokenizer, and there is none here" : nil
  }

  public static func remark(on vocabulary: MaskingVocabulary) -> String? {
    vocabulary.hasMaskToken
      ? nil
      : "the vocabulary has no [MASK]: the start token, which stands nowhere else within a text, hides masked words"
  }

  public init?(_ context: ObjectiveContext) {
    guard let model = context.model as? any MaskedTextModel, let head = model.maskedTextHead,
      let vocabulary = context.vocabulary
    else { return nil }
    (self.model, self.head, self.vocabulary) = (model, head, vocabulary)
    (settings, seed, communicator) = (context.settings, context.seed, context.communicator)
  }

  /// This rank's share of the mean cross-entropy over the masked tokens of all ranks; 0 where none has any.
  public func loss(_ states: BatchStates, _ tape: Tape) throws -> Tensor {
    let batch = states.batch
    let masked = MaskedText(
      batch.text, vocabulary, share: settings.maskedShare, masksWholeWords: settings.masksWholeWords,
      batch.names(seed: seed))
    let count = try communicator.sum(masked.rows.count, "count of masked tokens")
    let logits = model.logits(of: masked, states.images, head, tape)
    return tape.crossEntropy(logits, targets: masked.targets, count: max(count, 1))
  }
}

extension MaskedTextModel {
  /// Logits at the masked places [masked tokens, V]; text i meets image i.
  package func logits(of masked: MaskedText, _ images: Encoding, _ head: MaskedTextHead, _ tape: Tape) -> Tensor {
    let texts = textEncoder(masked.text, .all, tape)
    let pairs = (0..<masked.text.count).map { ImageTextPair(image: $0, text: $0) }
    let joint = join(images, texts, pairs, tape)
    // Pair i is text i, whether or not the stream has layers.
    return head(tape.gatherRows(joint.texts.states, rows(of: masked, in: joint.texts)), tape)
  }

  /// Where the masked tokens' states are: as in the packed text, but for tokens that the encoder puts behind the first.
  private func rows(of masked: MaskedText, in texts: Encoding) -> [Int] {
    let inserted = textEncoder.insertedTokens
    guard inserted > 0 else { return masked.rows }
    var text = 0
    return masked.rows.map { row in
      while row >= masked.text.offsets[text + 1] { text += 1 }
      let place = row - masked.text.offsets[text]
      return texts.offsets[text] + place + (place > 0 ? inserted : 0)
    }
  }
}
