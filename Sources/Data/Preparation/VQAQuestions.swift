internal import Batching

/// VQA's questions: `questions[].{question_id, image_id, question}`, as in
/// `v2_OpenEnded_mscoco_train2014_questions.json`; their answers are in a file of their own.
struct VQAQuestions {
  let path: String
  /// The photos that are meant, as `train2014`.
  let subset: String?
  let items: [LenientItem<VQAQuestion>]
}

/// VQA's answers: `annotations[].{question_id, answers[].answer, …}`.
struct VQAAnnotations {
  let path: String
  let items: [LenientItem<VQAAnnotation>]
}

struct VQAQuestion: Decodable {
  let id: JSONIdentifier
  let image: JSONIdentifier
  let text: String
  let split: String?
  let details: [String: JSONValue]

  private static let ownKeys = ["question_id", "image_id", "question", "split"]

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: AnyKey.self)
    id = try container.decode(JSONIdentifier.self, forKey: AnyKey("question_id"))
    image = try container.decode(JSONIdentifier.self, forKey: AnyKey("image_id"))
    text = try columnText(container.decode(String.self, forKey: AnyKey("question")), "question")
    split = try container.decodeIfPresent(SplitWord.self, forKey: AnyKey("split"))?.word
    details = try restOf(container, except: Self.ownKeys)
  }
}

struct VQAAnnotation: Decodable {
  let id: JSONIdentifier
  /// One an annotator.
  let answers: [String]
  /// What ends in `_type`: names of groups.
  let kinds: [String: String]
  let details: [String: JSONValue]

  /// How sure one was of an answer, where the file says it.
  private struct Answer: Decodable {
    let answer: String
    let confidence: String?

    enum CodingKeys: String, CodingKey {
      case answer
      case confidence = "answer_confidence"
    }
  }

  private static let ownKeys = ["question_id", "image_id", "answers", "split"]

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: AnyKey.self)
    id = try container.decode(JSONIdentifier.self, forKey: AnyKey("question_id"))
    let key = AnyKey("answers")
    var rest = try restOf(container, except: Self.ownKeys)
    if let texts = try? container.decode([String].self, forKey: key) {
      answers = texts
    } else {
      let given = try container.decode([Answer].self, forKey: key)
      answers = given.map(\.answer)
      let confidences = given.compactMap(\.confidence)
      if !confidences.isEmpty { rest["answer_confidence"] = .array(confidences.map { .string($0) }) }
    }
    guard !answers.isEmpty else { throw TextFault("it has no answer") }
    var kinds: [String: String] = [:]
    for (name, value) in rest {
      if name.hasSuffix("_type"), case .string(let word) = value { kinds[name] = word }
    }
    self.kinds = kinds
    details = rest.filter { kinds[$0.key] == nil }
  }
}

/// What an object says under other keys.
func restOf(_ container: KeyedDecodingContainer<AnyKey>, except own: [String]) throws -> [String: JSONValue] {
  var rest: [String: JSONValue] = [:]
  for key in container.allKeys where !own.contains(key.stringValue) {
    rest[key.stringValue] = try container.decode(JSONValue.self, forKey: key)
  }
  return rest
}
