/// Which files are the questions: those that the caller names, or of those in the source the ones of the most telling
/// layout, VQA's pairs before all others.
struct QuestionChoice {
  private(set) var taken: [CaptionFile] = []
  /// Files with questions that are not taken, in words.
  private(set) var passedOver: [String] = []
  /// The paths of annotations that were joined to questions.
  let annotated: Set<String>

  /// - Parameters:
  ///   - given: files that the caller names; with them nothing else counts but the other half of a pair.
  ///   - found: files of the source.
  /// - Throws: `PreparationError.missingAnnotations`, `.missingQuestions`.
  init(
    given: [QuestionSource], found: [QuestionSource], withoutAnnotations: Bool
  ) throws(PreparationError) {
    let named = given.isEmpty ? found : given
    let wholes = named.compactMap { source in if case .whole(let file) = source { file } else { nil } }
    var questions = Self.questions(named)
    var annotations = withoutAnnotations ? [] : Self.annotations(named)
    if !questions.isEmpty, annotations.isEmpty, !withoutAnnotations { annotations = Self.annotations(found) }
    if questions.isEmpty, !annotations.isEmpty { questions = Self.questions(found) }
    if let file = questions.first, annotations.isEmpty, !withoutAnnotations {
      throw .missingAnnotations(path: file.path, questions: file.items.count)
    }
    if let file = annotations.first, questions.isEmpty {
      throw .missingQuestions(path: file.path, answers: file.items.count)
    }
    annotated = Set(annotations.map(\.path))
    let files = CaptionFile.vqa(questions, annotations) + wholes
    guard given.isEmpty, let best = files.map(\.layout).min() else {
      taken = files
      return
    }
    taken = files.filter { $0.layout == best }
    passedOver = files.filter { $0.layout != best }.map { file in
      "\(file.path): questions too (\(file.layout.name)), not read; those of \(taken[0].path) are taken, and "
        + "--questions says otherwise"
    }
  }

  private static func questions(_ sources: [QuestionSource]) -> [VQAQuestions] {
    sources.compactMap { source in if case .questions(let file) = source { file } else { nil } }
  }

  private static func annotations(_ sources: [QuestionSource]) -> [VQAAnnotations] {
    sources.compactMap { source in if case .annotations(let file) = source { file } else { nil } }
  }
}
