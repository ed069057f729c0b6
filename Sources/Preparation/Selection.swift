internal import Archives
internal import Batching

/// Which photos become samples: what the caption file, the splits and the source's files say, brought together.
struct Selection {
  /// Photos with captions and a place in the set, in the order of their names' bytes.
  private(set) var candidates: [Candidate] = []
  private(set) var problems: [Problem] = []
  /// Photos that the caption or split files leave out on purpose.
  private(set) var notListed = 0

  /// - Parameter splits: nil where a hash will decide, so that no photo is left out for want of a split.
  init(
    photos: [String], size: @escaping (String) -> Int, captions: CaptionFile, splits: SplitAssignment?
  ) {
    let directory = PhotoDirectory(photos: photos, size: size)
    var used: Set<String> = []
    for name in captions.names.sorted(by: byteOrder) {
      let match = directory.match(name)
      used.formUnion(match.files)
      if let splits, splits[name] == nil {
        notListed += match.files.isEmpty ? 0 : 1
      } else if splits?[name] != SplitAssignment.conflict {
        take(name, match, hasCaptions: captions[name]?.captions.isEmpty == false, place: captions.path)
      }
    }
    addUncaptioned(photos.filter { !used.contains($0) }, captions: captions, splits: splits)
    addUnknown(splits, captions, directory)
  }

  private mutating func take(_ name: String, _ match: PhotoDirectory.Match, hasCaptions: Bool, place: String) {
    switch match {
    case .missing: note(.missingPhoto, name, place, "there is no photo of this name")
    case .ambiguous(let files):
      let detail = "\(files.count) different photos have this name: \(files[0]), \(files[1])"
      note(.ambiguousPhoto, name, place, detail, file: files[0])
    case .file, .copies:
      guard hasCaptions else {
        return note(.missingCaption, name, place, "the photo has no caption", file: match.files.first)
      }
      candidates.append(Candidate(name: name, file: match.files[0], copies: Array(match.files.dropFirst())))
    }
  }

  /// Photos that the caption file does not name. Karpathy's and COCO's JSON are selections, and so is every list of
  /// splits: what they leave out is left out on purpose. Any other caption file should name every photo.
  private mutating func addUncaptioned(_ photos: [String], captions: CaptionFile, splits: SplitAssignment?) {
    for photo in photos {
      let base = photo.split(separator: "/").last.map(String.init) ?? photo
      let isWanted = splits.map { $0[base] != nil } ?? (!captions.layout.isSelection)
      if isWanted {
        note(.missingCaption, photo, captions.path, "the photo has no caption", file: photo)
      } else {
        notListed += 1
      }
    }
  }

  /// Names in the lists of splits that neither captions nor photos know.
  private mutating func addUnknown(_ splits: SplitAssignment?, _ captions: CaptionFile, _ directory: PhotoDirectory) {
    guard let splits else { return }
    let captioned = Set(captions.names.flatMap { [$0, stem($0)] })
    for name in splits.names where !captioned.contains(name) && directory.match(name) == .missing {
      if directory.match(name + ".jpg") == .missing {
        note(.missingPhoto, name, splits.source, "a split lists it, but there is no photo of this name")
      }
    }
  }

  private mutating func note(
    _ kind: Problem.Kind, _ name: String, _ place: String, _ detail: String, file: String? = nil
  ) {
    problems.append(Problem(kind: kind, subject: name, place: place, detail: detail, file: file))
  }

  private func stem(_ name: String) -> String { name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name }
}

extension PhotoDirectory.Match {
  /// The files meant.
  var files: [String] {
    switch self {
    case .missing: []
    case .file(let file): [file]
    case .copies(let files), .ambiguous(let files): files
    }
  }
}
