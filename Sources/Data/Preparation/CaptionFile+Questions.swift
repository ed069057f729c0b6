internal import Batching

/// Files that have questions together with their answers.
extension CaptionFile {
  /// GQA's: `{ID: {"question", "imageId", "answer", "types", …}}`. The order of such a file is that of the numbers' bytes.
  static func gqa(_ items: [String: LenientItem<GQAQuestion>], path: String) -> CaptionFile {
    var file = CaptionFile(path: path, layout: .gqa)
    for id in items.keys.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
      let place = RowPlace.item(list: id, index: 0)
      switch items[id]?.result {
      case .failure(let fault): file.reject(.columnRow, at: place, fault.reason)
      case .success(let item): file.describe(item.image.text, .question(item.question(id)), at: place)
      case nil: break
      }
    }
    return file
  }

  /// A JSON list of questions: easy-vqa's `[[question, answer, image], …]`, or of objects; nil for other lists.
  static func questionList(_ bytes: [UInt8], path: String) -> CaptionFile? {
    if let lists = try? decodeJSON([LenientItem<QuestionList>].self, bytes), lists.contains(where: \.isSound) {
      var file = CaptionFile(path: path, layout: .questionLists)
      file.namesByNumber = true
      for (index, item) in lists.enumerated() {
        file.take(item.result.map(\.record), at: .item(list: "", index: index))
      }
      return file
    }
    guard let records = try? decodeJSON([LenientItem<QuestionRecord>].self, bytes), records.contains(where: \.isSound)
    else { return nil }
    var file = CaptionFile(path: path, layout: .questionRecords)
    for (index, item) in records.enumerated() { file.take(item.result, at: .item(list: "", index: index)) }
    return file
  }

  /// Objects `{"image", "question", "answer" or "answers", …}`, one a line; nil where none is a question.
  static func questionLines(_ bytes: [UInt8], path: String) -> CaptionFile? {
    var file = CaptionFile(path: path, layout: .questionRecords)
    for line in TextLines(bytes) where line.bytes.contains(where: { $0 > 0x20 }) {
      do throws(JSONFault) {
        let record = try decodeJSON(LenientItem<QuestionRecord>.self, line.bytes)
        file.take(record.result, at: .line(line.number))
      } catch {
        file.reject(.columnRow, at: .line(line.number), error.placeInLine)
      }
    }
    return file.names.isEmpty ? nil : file
  }

  private mutating func take(_ record: Result<QuestionRecord, TextFault>, at place: RowPlace) {
    switch record {
    case .failure(let fault): reject(fault.isMissingQuestion ? .missingQuestion : .columnRow, at: place, fault.reason)
    case .success(let record):
      mention(record.image, split: record.split)
      describe(record.image, .question(record.question), at: place)
      if record.question.answers.isEmpty { miss(record.image, at: place, "its question has no answer") }
    }
  }
}

extension SampleColumns {
  static func question(_ question: Question) -> SampleColumns {
    var columns = SampleColumns()
    columns.questions = [question]
    return columns
  }
}

struct GQAQuestion: Decodable {
  let image: JSONIdentifier
  private let text: String
  private let answer: String?
  private let kinds: [String: String]
  private let details: [String: JSONValue]

  private static let ownKeys = ["question", "imageId", "answer", "types"]

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: AnyKey.self)
    image = try container.decode(JSONIdentifier.self, forKey: AnyKey("imageId"))
    text = try columnText(container.decode(String.self, forKey: AnyKey("question")), "question")
    answer = try container.decodeIfPresent(String.self, forKey: AnyKey("answer"))
    kinds = try (container.decodeIfPresent([String: String?].self, forKey: AnyKey("types")) ?? [:]).compactMapValues {
      $0
    }
    details = try restOf(container, except: Self.ownKeys)
  }

  fileprivate func question(_ id: String) -> Question {
    Question(
      text: text, answers: answer.map { [$0] } ?? [], kinds: kinds, id: id,
      details: details.isEmpty ? nil : .object(details))
  }
}

/// A question within what is said of its photo.
struct EmbeddedQuestion: Decodable {
  let question: Question

  init(from decoder: any Decoder) throws {
    question = try QuestionFields(decoder.container(keyedBy: AnyKey.self), except: []).question
  }
}

/// Question, answer and image in a list.
private struct QuestionList: Decodable {
  let record: QuestionRecord

  init(from decoder: any Decoder) throws {
    var items = try decoder.unkeyedContainer()
    let text = try columnText(items.decode(String.self), "question")
    let answer = try items.decode(JSONIdentifier.self).text
    let image = try items.decode(JSONIdentifier.self).text
    guard items.isAtEnd, !image.isEmpty else { throw TextFault("it is no list of question, answer and image") }
    record = QuestionRecord(
      image: image, split: nil, question: Question(text: text, answers: [answer].filter { !$0.isEmpty }))
  }
}

/// A question of a photo as one JSON object.
struct QuestionRecord: Decodable {
  let image: String
  let split: String?
  let question: Question

  fileprivate init(image: String, split: String?, question: Question) {
    (self.image, self.split, self.question) = (image, split, question)
  }

  /// - Throws: `TextFault` for what names no photo, or has no question.
  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: AnyKey.self)
    let keys = KeyNames(container)
    guard keys.first(["question"]) != nil else { throw TextFault.missingQuestion }
    let photo = keys.first(ColumnNames.photo.filter { $0 != "id" })
    let name = try photo.map { try container.decode(JSONIdentifier.self, forKey: AnyKey($0)).text } ?? ""
    guard !name.isEmpty else { throw TextFault("it names no photo (no key image)") }
    image = name
    let splitKey = keys.first(["split"])
    split = try splitKey.flatMap { try container.decodeIfPresent(SplitWord.self, forKey: AnyKey($0))?.word }
    question = try QuestionFields(container, except: [photo, splitKey].compactMap(\.self)).question
  }
}

/// The keys of an object by their plain names.
private struct KeyNames {
  let keys: [String]
  private let plain: [String]

  init(_ container: KeyedDecodingContainer<AnyKey>) {
    keys = container.allKeys.map(\.stringValue).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    plain = keys.map(ColumnNames.plain)
  }

  /// The key of the first of the names that there is.
  func first(_ names: [String]) -> String? {
    names.lazy.compactMap { plain.firstIndex(of: $0) }.first.map { keys[$0] }
  }
}

/// What an object says of a question: text, answers, number, groups, and all else as details.
private struct QuestionFields {
  let question: Question

  /// - Parameter own: keys that have been read.
  init(_ container: KeyedDecodingContainer<AnyKey>, except own: [String]) throws {
    let keys = KeyNames(container)
    guard let text = keys.first(["question"]) else { throw TextFault.missingQuestion }
    let (answer, id) = (keys.first(["answers", "answer"]), keys.first(["question_id", "qid", "id"]))
    var kinds: [String: String] = [:]
    for key in keys.keys where key.hasSuffix("_type") || key == "kind" {
      kinds[key] = try? container.decode(String.self, forKey: AnyKey(key))
    }
    let rest = try restOf(container, except: own + [text, answer, id].compactMap(\.self) + kinds.keys)
    question = Question(
      text: try columnText(container.decode(String.self, forKey: AnyKey(text)), "question"),
      answers: try answer.map { try answerTexts(container, AnyKey($0)) } ?? [], kinds: kinds,
      id: try id.flatMap { try container.decodeIfPresent(JSONIdentifier.self, forKey: AnyKey($0))?.text },
      details: rest.isEmpty ? nil : .object(rest))
  }
}

extension TextFault {
  fileprivate static var missingQuestion: TextFault { TextFault("it has no question (no key question)") }

  fileprivate var isMissingQuestion: Bool { reason == Self.missingQuestion.reason }
}

/// An answer or a list of them, one an annotator; numbers count as their digits, and null is none.
private func answerTexts(_ container: KeyedDecodingContainer<AnyKey>, _ key: AnyKey) throws -> [String] {
  if try container.decodeNil(forKey: key) { return [] }
  let texts =
    try (try? container.decode(JSONIdentifier.self, forKey: key)).map { [$0.text] }
    ?? container.decode([JSONIdentifier].self, forKey: key).map(\.text)
  return texts.filter { !$0.isEmpty }
}
