internal import Archives
internal import Batching

/// Which photos become samples: what the captions, the splits and the source's files say, brought together.
struct Selection {
  /// Photos with captions and a place in the set, in the order of their names' bytes.
  private(set) var candidates: [Candidate] = []
  private(set) var problems: [Problem] = []
  /// Photos that the captions or lists of splits leave out on purpose.
  private(set) var notListed = 0
  /// Photos that captions do not name, and that are in the set under another name.
  private(set) var copies: [String] = []
  private let captions: CaptionedPhotos
  private let splits: SplitAssignment?

  /// - Parameters:
  ///   - source: of the photos.
  ///   - splits: nil where a hash will decide, so that no photo is left out for want of a split.
  init(photos: [String], source: any FileSource, captions: CaptionedPhotos, splits: SplitAssignment?) {
    (self.captions, self.splits) = (captions, splits)
    var used: Set<String> = []
    for photo in captions.photos {
      used.formUnion([photo.file] + photo.copies)
      take(photo)
    }
    used.formUnion(captions.ambiguous)
    takeUnmatched()
    let known = Dictionary(grouping: candidates.map(\.file), by: source.size)
    for photo in photos where !used.contains(photo) {
      if isCopy(photo, of: known[source.size(photo)] ?? [], source) {
        copies.append(photo)
      } else {
        takeUncaptioned(photo)
      }
    }
  }

  /// Whether a photo has the bytes of another one of its size. One that cannot be read is none.
  private func isCopy(_ photo: String, of others: [String], _ source: any FileSource) -> Bool {
    guard !others.isEmpty, let bytes = try? source.read(photo) else { return false }
    return others.contains { (try? source.read($0)) == bytes }
  }

  private mutating func take(_ photo: CaptionedPhotos.Photo) {
    let split: String?
    switch splits?[photo.file] {
    case nil: split = nil
    case .split(let name): split = name
    case .several: return
    case .unstated(let words): return note(.missingSplit, photo, words)
    case .unnamed where splits?.isSelection == true:
      notListed += 1
      return
    case .unnamed: return note(.missingSplit, photo, "\(splits?.source ?? "") does not name it")
    }
    guard !photo.captions.isEmpty else { return note(.missingCaption, photo, "the photo has no caption") }
    candidates.append(
      Candidate(name: photo.name, file: photo.file, copies: photo.copies, captions: photo.captions, split: split))
  }

  /// Names in captions and lists for which there is no photo. Where lists say which photos are meant, captions may name
  /// others.
  private mutating func takeUnmatched() {
    let wanted = splits.map { Set($0.unmatched.map { withoutPictureExtension($0.row.name) }) } ?? []
    let isSelection = splits?.isSelection == true
    var told: Set<String> = []
    for problem in captions.unmatched {
      let name = withoutPictureExtension(problem.subject)
      guard problem.kind == .ambiguousPhoto || !isSelection || wanted.contains(name) else { continue }
      told.insert(name)
      problems.append(problem)
    }
    for (row, words) in splits?.unmatched ?? [] where !told.contains(withoutPictureExtension(row.name)) {
      let detail = "a split lists it, but \(words)"
      problems.append(Problem(kind: .missingPhoto, subject: row.name, place: row.place, detail: detail))
    }
  }

  /// A photo that the captions do not name. Karpathy's and COCO's JSON are selections, and so is every list of splits: what
  /// they leave out is left out on purpose. Any other caption file should name every photo.
  private mutating func takeUncaptioned(_ photo: String) {
    let isListed = splits?.isSelection == true ? splits?[photo] != .unnamed : !captions.isSelection
    guard isListed else {
      notListed += 1
      return
    }
    problems.append(
      Problem(
        kind: .missingCaption, subject: photo, place: captions.path, detail: "the photo has no caption", file: photo))
  }

  private mutating func note(_ kind: Problem.Kind, _ photo: CaptionedPhotos.Photo, _ detail: String) {
    problems.append(Problem(kind: kind, subject: photo.name, place: photo.place, detail: detail, file: photo.file))
  }
}
