internal import Batching

extension CaptionFile {
  /// Joins VQA's questions with their answers, by the questions' numbers: one file for each file of questions.
  ///
  /// Questions without an annotation are left out where their file has annotations for others, and kept without answers
  /// where it has none at all: those are the test sets of challenges.
  static func vqa(_ questions: [VQAQuestions], _ annotations: [VQAAnnotations]) -> [CaptionFile] {
    var answers = VQAAnswers(annotations)
    var files = questions.map { vqa($0, &answers) }
    guard !files.isEmpty else { return [] }
    if !annotations.isEmpty {
      files[0].notes.append("answers are those of " + annotations.map(\.path).joined(separator: ", "))
    }
    for (place, kind, detail) in answers.problems { files[0].reject(kind, at: place, detail) }
    return files
  }

  private static func vqa(_ questions: VQAQuestions, _ answers: inout VQAAnswers) -> CaptionFile {
    var file = CaptionFile(path: questions.path, layout: .vqa)
    file.folder = parentFolder(of: questions.path)
    file.namesByNumber = true
    file.subset = questions.subset
    let sound = questions.items.compactMap { try? $0.result.get() }
    let hasAnswers = sound.contains { answers.has($0.id) }
    if !hasAnswers, !sound.isEmpty { file.notes.append("\(file.path): its \(sound.count) questions have no answers") }
    var seen: Set<JSONIdentifier> = []
    for (index, item) in questions.items.enumerated() {
      let place = RowPlace.item(list: "questions", index: index)
      switch item.result {
      case .failure(let fault): file.reject(.columnRow, at: place, fault.reason)
      case .success(let question) where !seen.insert(question.id).inserted:
        file.reject(.columnRow, at: place, "the question \(question.id.text) comes a second time")
      case .success(let question):
        let annotation = answers.take(question.id)
        guard annotation != nil || !hasAnswers else {
          file.reject(.missingAnnotation, at: place, "no annotation answers the question \(question.id.text)")
          continue
        }
        file.mention(question.image.text, split: question.split)
        file.describe(question.image.text, question.columns(annotation), at: place)
      }
    }
    return file
  }
}

extension VQAQuestion {
  /// The question with its answers.
  fileprivate func columns(_ annotation: VQAAnnotation?) -> SampleColumns {
    let all = details.merging(annotation?.details ?? [:]) { first, _ in first }
    var columns = SampleColumns()
    columns.questions = [
      Question(
        text: text, answers: annotation?.answers ?? [], kinds: annotation?.kinds ?? [:], id: id.text,
        details: all.isEmpty ? nil : .object(all))
    ]
    return columns
  }
}

/// Annotations by their questions' numbers.
private struct VQAAnswers {
  private var annotations: [JSONIdentifier: VQAAnnotation] = [:]
  private var places: [JSONIdentifier: RowPlace] = [:]
  private var order: [JSONIdentifier] = []
  private var taken: Set<JSONIdentifier> = []
  private var faults: [(RowPlace, Problem.Kind, String)] = []

  init(_ files: [VQAAnnotations]) {
    for file in files {
      for (index, item) in file.items.enumerated() {
        let place = RowPlace.other(file.path, list: "annotations", index: index)
        switch item.result {
        case .failure(let fault): faults.append((place, .columnRow, fault.reason))
        case .success(let annotation) where annotations[annotation.id] != nil:
          faults.append((place, .columnRow, "the question \(annotation.id.text) is answered a second time"))
        case .success(let annotation):
          annotations[annotation.id] = annotation
          places[annotation.id] = place
          order.append(annotation.id)
        }
      }
    }
  }

  func has(_ id: JSONIdentifier) -> Bool { annotations[id] != nil }

  mutating func take(_ id: JSONIdentifier) -> VQAAnnotation? {
    taken.insert(id)
    return annotations[id]
  }

  /// What could not be read, and the annotations that nobody took.
  var problems: [(RowPlace, Problem.Kind, String)] {
    faults
      + order.filter { !taken.contains($0) }.compactMap { id in
        places[id].map { ($0, .unknownQuestion, "there is no question \(id.text)") }
      }
  }
}
