internal import Archives
internal import Batching
internal import Files
internal import Images

/// The data set while it is being made: checked photos with their splits.
struct Draft {
  /// A photo that will be a sample.
  struct Sample {
    let candidate: Candidate
    let key: String
    let photo: CheckedPhoto
    let split: String
    let columns: SampleColumns
    let details: JSONValue?
    /// How many regions it has.
    var regions = 0

    var captions: [String] { candidate.captions }
  }

  let material: Material
  let selection: Selection
  let splits: SplitAssignment?
  private let hash: SplitHash
  /// In the order of the photos' names.
  private(set) var samples: [Sample] = []
  private(set) var pairs: [(split: String, pair: LabelledPair)] = []
  private(set) var photoProblems: [Problem] = []
  private(set) var boxes = BoxCheck()
  private(set) var regions: RegionCheck?
  private(set) var clips = ClipCheck()
  private var keys: Set<String> = []
  private(set) var strayPairs = 0
  private(set) var lostPairs = 0

  init(
    material: Material, selection: Selection, splits: SplitAssignment?, hash: SplitHash, regions: RegionCheck?
  ) {
    (self.material, self.selection, self.splits, self.hash) = (material, selection, splits, hash)
    self.regions = regions
  }

  /// The texts that a tokenizer may learn from: captions, or, where there are none at all, those of other columns.
  var trainingTexts: [String] {
    let training = samples.filter { $0.split == "train" }
    let captions = training.flatMap(\.captions)
    return captions.isEmpty ? training.flatMap(\.columns.allTexts) : captions
  }

  var subjects: Subjects { material.layout.subjects }

  /// What they are, in words.
  var kindOfTrainingTexts: String {
    samples.contains { $0.split == "train" && !$0.captions.isEmpty } ? "captions" : "questions, answers and other texts"
  }

  /// Decodes every photo and gives each sound one its split; then looks at their regions and joins the labelled pairs to
  /// them.
  mutating func check(_ request: PreparationRequest, progress: (PreparationProgress) -> Void) throws {
    var limits = PictureLimits()
    limits.maximumPixels = request.maximumMegapixels * 1_000_000
    limits.allowTruncated = request.acceptsDamagedPhotos
    let check = PhotoCheck(
      subjects: subjects, source: material.source, threads: request.threads, limits: limits)
    let total = selection.candidates.count
    let results = try check.run(selection.candidates) {
      progress(PreparationProgress(stage: .checking, done: $0, total: total, subject: subjects.word))
    }
    var sound: [(candidate: Candidate, photo: CheckedPhoto)] = []
    for (candidate, result) in zip(selection.candidates, results) {
      switch result {
      case .success(let photo): sound.append((candidate, photo))
      case .failure(let problem): photoProblems.append(problem)
      }
    }
    let units = SplitUnits(sound.map { ($0.photo.identity, $0.candidate.columns.group) })
    for (place, (candidate, photo)) in sound.enumerated() { add(candidate, photo, unit: units.identities[place]) }
    try checkRegions(request, progress: progress)
    try clips.run(samples, clips: material.layout.clips, material.source, threads: request.threads)
    joinPairs()
  }

  private mutating func checkRegions(
    _ request: PreparationRequest, progress: (PreparationProgress) -> Void
  ) throws {
    let total = samples.count
    let counts = try regions?.run(samples, threads: request.threads) {
      progress(PreparationProgress(stage: .checkingRegions, done: $0, total: total))
    }
    for (place, count) in (counts ?? []).enumerated() { samples[place].regions = count }
  }

  /// - Parameter unit: what a hash takes the photo's split from.
  private mutating func add(_ candidate: Candidate, _ photo: CheckedPhoto, unit: UInt64) {
    // `a.jpg` beside `a.jpeg`: the first in the order of names has the short key.
    var key = SampleKey.make(fileName: candidate.name)
    var digits = 8
    while !keys.insert(key).inserted, digits <= 64 {
      key = SampleKey.makeLong(fileName: candidate.name, digits: digits)
      digits *= 2
    }
    samples.append(
      Sample(
        candidate: candidate, key: key, photo: photo, split: candidate.split ?? hash.split(identity: unit),
        columns: boxes.sound(candidate, photo), details: material.details(of: candidate.file)))
  }

  /// A pair goes to its photo's split, whatever its own row says; one whose photo is not in the set is left out.
  private mutating func joinPairs() {
    guard let table = material.pairs else { return }
    let sampleOf = Dictionary(
      samples.flatMap { sample in ([sample.candidate.file] + sample.candidate.copies).map { ($0, sample) } },
      uniquingKeysWith: { first, _ in first })
    let names = PhotoNames(
      table.rows.map { .init(name: $0.image, folder: parentFolder(of: table.path)) }, in: material.directory)
    for (row, lead) in zip(table.rows, names.leads) {
      guard case .photo(let file, _) = lead, let sample = sampleOf[file] else {
        lostPairs += 1
        continue
      }
      if sample.split != row.split { strayPairs += 1 }
      pairs.append((sample.split, LabelledPair(key: sample.key, matches: row.matches, text: row.sentence)))
    }
  }

  /// Refuses the whole where too much of it is unfit, or leaks are not wanted and there are some.
  func judge(_ report: PreparationReport, _ request: PreparationRequest) throws {
    guard !samples.isEmpty else { throw PreparationError.nothingLeft(report: report) }
    let maximumBadFraction = request.maximumBadFraction
    let photoTotal = samples.count + count(.photo)
    let shares = [
      (subjects.word + "s", count(.photo), photoTotal),
      ("captions", count(.caption), material.captions.rows),
      ("rows of questions, tables and boxes", count(.column), material.columnRows),
      ("regions of photos", count(.regions), count(.regions) + (regions?.tally.photos ?? 0)),
      ("sounds of photos", count(.clips), count(.clips) + clips.count),
      ("labelled pairs", count(.pair), material.pairs?.rowCount ?? 0),
    ]
    for (what, unfit, total) in shares where Double(unfit) > maximumBadFraction * Double(total) {
      throw PreparationError.tooManyUnfit(
        report: report, of: what, unfit: unfit, total: total, limit: maximumBadFraction)
    }
    if request.failsOnLeaks, report.leaks > 0 || report.dividedGroupCount > 0 {
      throw PreparationError.leaks(report: report)
    }
  }

  /// Writes all samples and pairs, split after split, with the bytes that were checked. A damaged photo that was taken
  /// is written as a whole one that shows the same, so that everybody can read it; the source stays as it is.
  func write(to writer: PreparedDataSetWriter, progress: (PreparationProgress) -> Void) throws {
    var done = 0
    for split in Set(samples.map(\.split)).sorted(by: splitOrder) {
      for sample in samples where sample.split == split {
        try write(sample, to: writer)
        done += 1
        if done % 256 == 0 || done == samples.count {
          progress(PreparationProgress(stage: .writing, done: done, total: samples.count, subject: subjects.word))
        }
      }
    }
    for (split, pair) in pairs { try writer.addPair(pair, split: split) }
  }

  private func write(_ sample: Sample, to writer: PreparedDataSetWriter) throws {
    let record = SampleRecord(
      key: sample.key, fileName: sample.candidate.name, split: sample.split,
      captions: sample.captions, columns: sample.columns, details: sample.details)
    let clip = try clips.clip(of: sample, material.source)
    if let clip, sample.photo.sound != nil { return try writer.add(clip: clip, record: record) }
    var image = try material.source.read(sample.candidate.file)
    guard sha256(image) == sample.photo.digest else { throw PreparationError.changed(path: sample.candidate.file) }
    if sample.photo.damage != nil { image = try whole(image, sample.photo) }
    try writer.add(
      image: image, width: sample.photo.width, height: sample.photo.height, record: record,
      regions: regions?.features(of: sample), clip: clip,
      frames: sample.photo.frames.map { try $0.prepared(material.source) })
  }

  private func whole(_ damaged: [UInt8], _ photo: CheckedPhoto) throws -> [UInt8] {
    let limits = PictureLimits(admitting: photo.width, photo.height)
    let image = try damaged.withUnsafeBytes { try decodeDamagedPicture($0, limits: limits).image }
    return try encodeJPEG(image, quality: 95)
  }
}
