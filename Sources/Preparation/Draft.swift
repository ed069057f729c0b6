internal import Archives
internal import Batching
internal import Files
internal import Images

/// The data set while it is being made: checked photos with their splits.
struct Draft {
  /// A photo that will be a sample.
  struct Sample {
    let candidate: Candidate
    let photo: CheckedPhoto
    let split: String
    let captions: [String]
    let details: JSONValue?
  }

  private let material: Material
  private let selection: Selection
  private let splits: SplitAssignment?
  private let hash: SplitHash
  /// In the order of the photos' names.
  private(set) var samples: [Sample] = []
  private var pairs: [(split: String, pair: LabelledPair)] = []
  private var photoProblems: [Problem] = []
  private var keys: [String: String] = [:]
  private var strayPairs = 0

  init(material: Material, selection: Selection, splits: SplitAssignment?, hash: SplitHash) {
    (self.material, self.selection, self.splits, self.hash) = (material, selection, splits, hash)
  }

  /// The captions that a tokenizer may learn from.
  var trainingCaptions: [String] { samples.filter { $0.split == "train" }.flatMap(\.captions) }

  /// Decodes every photo and gives each sound one its split; then joins the labelled pairs to them.
  mutating func check(_ request: PreparationRequest, progress: (PreparationProgress) -> Void) throws {
    var limits = JPEGLimits()
    limits.allowTruncated = request.acceptsDamagedPhotos
    let check = PhotoCheck(source: material.source, threads: request.threads, limits: limits)
    let total = selection.candidates.count
    let results = try check.run(selection.candidates) {
      progress(PreparationProgress(stage: .checking, done: $0, total: total))
    }
    for (candidate, result) in zip(selection.candidates, results) {
      switch result {
      case .success(let photo): add(candidate, photo)
      case .failure(let problem): photoProblems.append(problem)
      }
    }
    joinPairs()
  }

  private mutating func add(_ candidate: Candidate, _ photo: CheckedPhoto) {
    let key = SampleKey.make(fileName: candidate.name)
    if let other = keys.updateValue(candidate.name, forKey: key) {
      photoProblems.append(
        Problem(
          kind: .ambiguousPhoto, subject: candidate.name, place: candidate.file,
          detail: "its name without the extension is that of \(other)"))
      return
    }
    samples.append(
      Sample(
        candidate: candidate, photo: photo,
        split: splits.map { $0[candidate.name] ?? "train" } ?? hash.split(identity: photo.identity),
        captions: material.captions[candidate.name]?.captions ?? [],
        details: material.details(of: candidate.name)))
  }

  /// A pair goes to its photo's split, whatever its own row says; one whose photo is not in the set is left out.
  private mutating func joinPairs() {
    let splitOf = Dictionary(samples.map { ($0.candidate.name, $0.split) }, uniquingKeysWith: { first, _ in first })
    for row in material.pairs?.rows ?? [] {
      guard let split = splitOf[row.image] else { continue }
      if split != row.split { strayPairs += 1 }
      let key = SampleKey.make(fileName: row.image)
      pairs.append((split, LabelledPair(key: key, matches: row.matches, text: row.sentence)))
    }
  }

  /// Refuses the whole where too much of it is unfit.
  func judge(_ report: PreparationReport, maximumBadFraction: Double) throws {
    guard !samples.isEmpty else { throw PreparationError.nothingLeft(report: report) }
    let photoTotal = samples.count + count(.photo)
    let shares = [
      ("photos", count(.photo), photoTotal), ("captions", count(.caption), material.captions.rows),
      ("labelled pairs", count(.pair), material.pairs?.rowCount ?? 0),
    ]
    for (what, unfit, total) in shares where Double(unfit) > maximumBadFraction * Double(total) {
      throw PreparationError.tooManyUnfit(
        report: report, of: what, unfit: unfit, total: total, limit: maximumBadFraction)
    }
  }

  /// Writes all samples and pairs, split after split, with the bytes that were checked.
  func write(to writer: PreparedDataSetWriter, progress: (PreparationProgress) -> Void) throws {
    var done = 0
    for split in Set(samples.map(\.split)).sorted(by: splitOrder) {
      for sample in samples where sample.split == split {
        let jpeg = try material.source.read(sample.candidate.file)
        guard sha256(jpeg) == sample.photo.digest else { throw PreparationError.changed(path: sample.candidate.file) }
        let record = SampleRecord(
          key: SampleKey.make(fileName: sample.candidate.name), fileName: sample.candidate.name, split: split,
          captions: sample.captions, details: sample.details)
        try writer.add(jpeg: jpeg, width: sample.photo.width, height: sample.photo.height, record: record)
        done += 1
        if done % 256 == 0 || done == samples.count {
          progress(PreparationProgress(stage: .writing, done: done, total: samples.count))
        }
      }
    }
    for (split, pair) in pairs { try writer.addPair(pair, split: split) }
  }
}

/// What the report says about the draft.
extension Draft {
  private var problems: [Problem] {
    material.captions.problems + (splits?.problems ?? []) + selection.problems + photoProblems
      + (material.pairs?.problems ?? [])
  }

  private func count(_ problemClass: ProblemClass) -> Int { problems.count { $0.kind.problemClass == problemClass } }

  func describe(in report: inout PreparationReport) {
    report.list(problems)
    report.splits = Set(samples.map(\.split)).sorted(by: splitOrder).map { split in
      let own = samples.filter { $0.split == split }
      return .init(name: split, photos: own.count, captions: own.reduce(0) { $0 + $1.captions.count })
    }
    let counts = Dictionary(grouping: samples, by: \.captions.count)
    report.captionCounts = counts.keys.sorted().map { .init(captions: $0, photos: counts[$0]?.count ?? 0) }
    describeDuplicates(in: &report)
    if let table = material.pairs {
      let matching = pairs.count { $0.pair.matches }
      report.pairs = .init(
        file: table.path, rows: table.rowCount, matching: matching, notMatching: pairs.count - matching)
      if strayPairs > 0 {
        report.notes.append("\(strayPairs) labelled pairs name another split than their photo's; they follow the photo")
      }
    }
    for split in ["train", "validation", "test"] where !report.splits.contains(where: { $0.name == split }) {
      report.notes.append("no photo is in the split \(split)")
    }
  }

  /// Photos with the same bytes; in more than one split they are a leak.
  private func describeDuplicates(in report: inout PreparationReport) {
    let groups = Dictionary(grouping: samples, by: \.photo.digest).values.filter { $0.count > 1 }
    let listed = groups.map { group in
      PreparationReport.Duplicates(
        photos: group.map(\.candidate.name), splits: Set(group.map(\.split)).sorted(by: splitOrder))
    }
    report.leaks = listed.count { $0.splits.count > 1 }
    report.duplicates = Array(
      listed.sorted { byteOrder($0.photos[0], $1.photos[0]) }.prefix(PreparationReport.listLimit))
    if report.leaks > 0 {
      report.warnings.append(
        "\(report.leaks) photos are in more than one split: figures on held-out photos are too good")
    }
  }
}
