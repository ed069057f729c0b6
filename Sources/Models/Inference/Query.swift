internal import Models
internal import Pretrained
internal import TensorEngine
internal import Tokenization

/// What is asked of a model about a photo, and by which of its heads it says it.
public enum Query: Sendable, Equatable {
  /// A question, to which the model knows some answers.
  case question(String)
  /// A text in which words are hidden, each behind the vocabulary's `[MASK]`.
  case maskedText(String)

  public var text: String {
    switch self {
    case .question(let text), .maskedText(let text): text
    }
  }
}

/// What a model says in one place: the likeliest of all that it may say there.
public struct Choice: Sendable, Equatable {
  /// Its number: of an answer, or of a token.
  public let number: Int
  /// An answer, or a token as it is read.
  public let text: String
  public let logit: Float
  /// Of answers each by itself, of the tokens in a place of all of them.
  public let probability: Float
}

/// How a query is answered: a number of places, in each of which one of several things is said.
struct QueryReader {
  /// What there is to choose among in one place.
  let texts: (Int) -> String
  let places: Int
  /// Whether one choice leaves no room for another: a softmax, and not a sigmoid each.
  let isExclusive: Bool
  /// The states of all tokens of texts that ask so.
  let read: (PackedText, Tape) -> Encoding
  /// A row for each place of each pair [pairs × places, choices].
  let logits: (_ joint: JointStates, _ pairs: Range<Int>, Tape) -> Tensor
}

extension LoadedModel {
  /// - Parameter ids: of the query's text, as the model reads them.
  /// - Throws: `InferenceError` for what the model has no head for, and for a text without a hidden word.
  func reader(of query: Query, _ ids: [Int32]) throws -> QueryReader {
    switch query {
    case .question: try answerReader()
    case .maskedText(let text): try wordReader(text, ids)
    }
  }

  private func answerReader() throws -> QueryReader {
    let asked = model as? any AnsweringModel
    guard let asked, let answers = asked.answers else {
      throw InferenceError.noAnswers(
        path: directory.path, model: model.description.name, unnamed: asked?.answerCount)
    }
    return QueryReader(
      texts: { answers[$0] }, places: 1, isExclusive: false, read: { asked.read(questions: $0, $1) },
      logits: { joint, _, tape in asked.answer(joint, tape) })
  }

  private func wordReader(_ text: String, _ ids: [Int32]) throws -> QueryReader {
    guard let model = model as? any MaskedTextModel, let head = model.maskedTextHead else {
      throw InferenceError.noMaskedWords(path: directory.path, model: model.description.name)
    }
    let (tokenizer, vocabulary) = (directory.tokenizer, directory.tokenizer.maskingVocabulary)
    let masks = vocabulary.hasMaskToken ? ids.indices.filter { ids[$0] == vocabulary.maskToken } : []
    guard !masks.isEmpty else { throw InferenceError.noMask(text: text, contextLength: contextLength) }
    // A model may put tokens of its own behind a text's first one.
    let places = masks.map { $0 + model.textEncoder.insertedTokens }
    return QueryReader(
      texts: { tokenizer.decode([Int32($0)]) }, places: masks.count, isExclusive: true,
      read: { model.textEncoder($0, .all, $1) },
      logits: { joint, pairs, tape in
        let starts = pairs.map { joint.texts.offsets[joint.textOfPair[$0]] }
        return head(tape.gatherRows(joint.texts.states, starts.flatMap { start in places.map { start + $0 } }), tape)
      })
  }
}
