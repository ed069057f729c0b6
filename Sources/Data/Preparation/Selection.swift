internal import Archives
internal import Batching
internal import Files

/// Which photos become samples: what the captions, the splits and the source's files say, brought together.
struct Selection {
  /// Photos with captions and a place in the set, in the order of their names' bytes.
  private(set) var candidates: [Candidate] = []
  private(set) var problems: [Problem] = []
  /// Photos that the captions or lists of splits leave out on purpose.
  private(set) var notListed = 0
  /// Photos that captions do not name, and that are in the set under another name.
  private(set) var copies: [String] = []
  /// Names in captions for which there is no photo, and that lists of splits do not have either.
  private(set) var namesNotListed: [String] = []
  private let captions: CaptionedPhotos
  private let splits: SplitAssignment?

  /// - Parameters:
  ///   - source: of the photos.
  ///   - splits: nil where a hash will decide, so that no photo is left out for want of a split.
  init(photos: [String], source: any FileSource, captions: CaptionedPhotos, splits: SplitAssignment?) {
    (self.captions, self.splits) = (captions, splits)
    var used: Set<String> = []
    for photo in captions.photos {
      used.formUnion([photo.file] + photo.copies + photo.frames.frames.compactMap(\.file))
      take(photo)
    }
    used.formUnion(captions.ambiguous)
    takeUnmatched()
    var known = KnownPhotos(candidates.map(\.file), source)
    for photo in photos where !used.contains(photo) {
      if known.haveBytes(of: photo) { copies.append(photo) } else { takeUncaptioned(photo) }
    }
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
    guard !photo.captions.isEmpty || !photo.columns.isEmpty else {
      return note(.missingCaption, photo, lacking)
    }
    candidates.append(
      Candidate(
        name: photo.name, file: photo.file, copies: photo.copies, captions: photo.captions, columns: photo.columns,
        frame: photo.frame, clip: photo.clip, frames: photo.frames, split: split))
  }

  /// Names in captions and lists for which there is no photo. Where lists say which photos are meant, captions may name
  /// others.
  private mutating func takeUnmatched() {
    let wanted = splits.map { Set($0.unmatched.map { withoutPictureExtension($0.row.name) }) } ?? []
    let isSelection = splits?.isSelection == true
    var told: Set<String> = []
    for problem in captions.unmatched {
      let name = withoutPictureExtension(problem.subject)
      guard problem.kind == .ambiguousPhoto || !isSelection || wanted.contains(name) else {
        namesNotListed.append(problem.subject)
        continue
      }
      told.insert(name)
      problems.append(problem)
    }
    for (row, words) in splits?.unmatched ?? [] where !told.contains(withoutPictureExtension(row.name)) {
      let detail = "a split lists it, but \(words)"
      problems.append(Problem(kind: .missingPhoto, subject: row.name, place: row.place, detail: detail))
    }
  }

  /// A photo that nothing names. Karpathy's and COCO's JSON are selections, and so is every list of splits: what
  /// they leave out is left out on purpose. Any other file should name every photo.
  private mutating func takeUncaptioned(_ photo: String) {
    let isListed = splits?.isSelection == true ? splits?[photo] != .unnamed : !captions.isSelection
    guard isListed else {
      notListed += 1
      return
    }
    problems.append(
      Problem(
        kind: .missingCaption, subject: photo, place: captions.path, detail: lacking, file: photo))
  }

  /// What a photo has not, in words.
  private var lacking: String {
    captions.hasColumnFiles ? "the photo has no caption and no other column" : "the photo has no caption"
  }

  private mutating func note(_ kind: Problem.Kind, _ photo: CaptionedPhotos.Photo, _ detail: String) {
    problems.append(Problem(kind: kind, subject: photo.name, place: photo.place, detail: detail, file: photo.file))
  }
}

extension Selection {
  /// What is not in the set without being a problem, in words.
  var alsoLeftOut: [String] {
    [
      (copies, "photos without captions that have the bytes of others in the set"),
      (namesNotListed, "names in captions that have no photo, and that no list has"),
    ].compactMap { names, words in names.first.map { "\(names.count) \(words) (first: \($0))" } }
  }
}

/// Tells whether a photo has the bytes of another one. Most have a size of their own, so that few are read for it, and each
/// of them once. One that cannot be read has nobody's bytes.
private struct KnownPhotos {
  private let source: any FileSource
  private let photos: [String]
  private lazy var bySize = Dictionary(grouping: photos, by: source.size)
  private var digests: [Int: Set<String>] = [:]

  init(_ photos: [String], _ source: any FileSource) {
    (self.photos, self.source) = (photos, source)
  }

  mutating func haveBytes(of photo: String) -> Bool {
    let size = source.size(photo)
    guard let others = bySize[size], let digest = digest(photo) else { return false }
    let known = digests[size] ?? Set(others.compactMap(self.digest))
    digests[size] = known
    return known.contains(digest)
  }

  private func digest(_ photo: String) -> String? { try? sha256(source.read(photo)) }
}
