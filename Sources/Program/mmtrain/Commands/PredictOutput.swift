internal import Batching
internal import Evaluation
internal import Files
internal import Inference
internal import Logging
internal import Reporting
internal import Reports
internal import Serving
internal import Training

/// Takes what is told of photos as they are done, and tells it in the form that was asked for: at once, or at the end where that form is
/// one whole.
struct PredictOutput {
  enum Form {
    case table
    case lines
    case document
  }

  private let report: PredictReport
  private let form: Form
  private let photos: (any PhotoCollection)?
  /// Where a page is wanted.
  private let path: String?
  private let references: CaptionTable?
  private var withoutReferences = 0
  private var page: PredictionPage
  private var all: [(sample: ToldSample?, told: [PredictedExample])] = []
  private var problems: [PhotoProblem] = []
  private var problemCount = 0
  /// On rank 0.
  private(set) var written = WrittenCounts()
  private var shortened = Shortened()
  /// Of clips beside photos.
  private var shortenedClips = Shortened()

  private struct Shortened {
    var first: [String] = []
    var count = 0

    mutating func note(_ names: [String]) {
      if first.isEmpty { first = Array(names.prefix(1)) }
      count += names.count
    }
  }

  /// - Parameters:
  ///   - page: a file for a page beside that.
  ///   - references: what people say of the photos, where that is known.
  init(
    _ report: PredictReport, _ form: Form, _ photos: (any PhotoCollection)?, page: String?, references: CaptionTable?
  ) {
    (self.report, self.form, self.photos, path, self.references) = (report, form, photos, page, references)
    self.page = PredictionPage(models: report.models, way: report.way)
  }

  /// Some photos in their turn.
  mutating func add(_ part: PredictedExamples) throws {
    note(part)
    guard let photos, !part.places.isEmpty || !part.problems.isEmpty else {
      for told in part.told { try add(nil, told, place: nil) }
      return
    }
    var problems = part.problems[...]
    for (place, told) in zip(part.places, part.told) {
      while let problem = problems.first, problem.place < place { try add(problems.removeFirst(), problem.name) }
      try add(ToldSample(photos, place), told, place: place)
    }
    for problem in problems { try add(problem, problem.name) }
  }

  private mutating func note(_ part: PredictedExamples) {
    problemCount += part.problems.count
    for text in part.told.flatMap({ $0.compactMap(\.written) }) { written.add(text) }
    let room = form == .document ? Int.max : max(0, 10 - problems.count)
    problems += part.problems.prefix(room)
    shortened.note(part.shortened)
    shortenedClips.note(part.shortenedClips)
  }

  private mutating func add(_ sample: ToldSample?, _ told: [PredictedExample], place: Int?) throws {
    switch form {
    case .table: try printResult(report.table(sample, told))
    case .lines: try printResult(report.lines(sample, told))
    case .document: all.append((sample, told))
    }
    guard path != nil else { return }
    let name = sample?.name
    let people = name.flatMap { references?.captions(ofPhoto: $0) } ?? []
    if references != nil, people.isEmpty { withoutReferences += 1 }
    page.add(name: sample?.words, told.map { PredictionPage.Told($0, references: people) }) { [photos] in
      place.flatMap { photos?.thumbnail(at: $0, side: 480) }
    }
  }

  private mutating func add(_ problem: PhotoProblem, _ name: String) throws {
    if form == .lines { try printResult(report.line(problem)) }
    if path != nil { page.addSkipped(name: name, reason: problem.reason) }
  }

  /// What is told as one whole, and of all photos together.
  func finish(cutTexts: Int, _ model: LoadedModel) throws {
    if form == .document { try printResult(report.document(all, problems, written: written)) }
    if let path { try writeAtomically(page.html.utf8, to: path) }
    if withoutReferences > 0 {
      makeLogger(rank: nil).warning("\(withoutReferences) photo(s) have no captions in the file of --references")
    }
    mmtrain.report(
      problems, of: problemCount, shortened: shortened.first, shortened.count, cutTexts: cutTexts, model,
      photos)
    mmtrain.report([], shortened: shortenedClips.first, shortenedClips.count, cutTexts: 0, model, nil, kind: .clips)
  }
}
