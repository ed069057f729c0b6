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

  let material: Material
  let selection: Selection
  let splits: SplitAssignment?
  private let hash: SplitHash
  /// In the order of the photos' names.
  private(set) var samples: [Sample] = []
  private(set) var pairs: [(split: String, pair: LabelledPair)] = []
  private(set) var photoProblems: [Problem] = []
  private var keys: [String: String] = [:]
  private(set) var strayPairs = 0

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

  /// Refuses the whole where too much of it is unfit, or leaks are not wanted and there are some.
  func judge(_ report: PreparationReport, _ request: PreparationRequest) throws {
    guard !samples.isEmpty else { throw PreparationError.nothingLeft(report: report) }
    let maximumBadFraction = request.maximumBadFraction
    let photoTotal = samples.count + count(.photo)
    let shares = [
      ("photos", count(.photo), photoTotal), ("captions", count(.caption), material.captions.rows),
      ("labelled pairs", count(.pair), material.pairs?.rowCount ?? 0),
    ]
    for (what, unfit, total) in shares where Double(unfit) > maximumBadFraction * Double(total) {
      throw PreparationError.tooManyUnfit(
        report: report, of: what, unfit: unfit, total: total, limit: maximumBadFraction)
    }
    if request.failsOnLeaks, report.leaks > 0 { throw PreparationError.leaks(report: report) }
  }

  /// Writes all samples and pairs, split after split, with the bytes that were checked. A damaged photo that was taken
  /// is written as a whole one that shows the same, so that everybody can read it; the source stays as it is.
  func write(to writer: PreparedDataSetWriter, progress: (PreparationProgress) -> Void) throws {
    var done = 0
    for split in Set(samples.map(\.split)).sorted(by: splitOrder) {
      for sample in samples where sample.split == split {
        var jpeg = try material.source.read(sample.candidate.file)
        guard sha256(jpeg) == sample.photo.digest else { throw PreparationError.changed(path: sample.candidate.file) }
        if sample.photo.damage != nil { jpeg = try whole(jpeg) }
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

  private func whole(_ damaged: [UInt8]) throws -> [UInt8] {
    let image = try damaged.withUnsafeBytes { try decodeDamagedJPEG($0).image }
    return try encodeJPEG(image, quality: 95)
  }
}
