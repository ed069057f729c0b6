internal import Archives

/// Which split each photo is in, as one source of splits says it, and what was wrong with it.
struct SplitAssignment {
  /// What is known about one photo.
  enum Verdict: Equatable {
    case split(String)
    /// It is in several, which is among the problems.
    case several
    /// Its row says none, or nothing that could be one; in words.
    case unstated(String)
    /// The source of splits does not name it.
    case unnamed
  }

  /// One row of a source of splits.
  struct Row {
    let name: String
    let word: String
    let place: String
    /// Of the file that has the row.
    var folder = ""
  }

  /// Where it comes from, in words.
  let source: String
  /// Whether photos that it does not name are left out on purpose.
  let isSelection: Bool
  private(set) var problems: [Problem] = []
  private(set) var notes: [String] = []
  /// Rows for which there is no photo, with words on why.
  private(set) var unmatched: [(row: Row, words: String)] = []
  private var verdicts: [String: Verdict] = [:]

  init(source: String, isSelection: Bool) {
    self.source = source
    self.isSelection = isSelection
  }

  var isEmpty: Bool { verdicts.isEmpty && unmatched.isEmpty }

  /// - Parameter file: a photo's path in the source.
  subscript(file: String) -> Verdict { verdicts[file] ?? .unnamed }

  /// Assigns a photo by its file; one that is in two splits is in none, and a problem.
  mutating func assign(_ file: String, _ word: String, name: String, place: String) {
    let earlier = self[file]
    guard !meansNoSplit(trimmed(word)), let split = canonicalSplit(word) else {
      if case .split = earlier { return }
      if earlier == .several { return }
      verdicts[file] = .unstated(meansNoSplit(trimmed(word)) ? "its split is missing" : "“\(word)” cannot name a split")
      return
    }
    switch earlier {
    case .unnamed, .unstated: verdicts[file] = .split(split)
    case .split(let other) where other != split:
      verdicts[file] = .several
      problems.append(
        Problem(kind: .severalSplits, subject: name, place: place, detail: "it is in \(other) and in \(split)"))
    case .split, .several: break
    }
  }

  /// Assigns the photos that rows name.
  mutating func assign(_ rows: [Row], in directory: PhotoDirectory) {
    let names = PhotoNames(rows.map { .init(name: $0.name, folder: $0.folder) }, in: directory)
    for (row, lead) in zip(rows, names.leads) {
      switch lead {
      case .photo(let file, let copies):
        for file in [file] + copies { assign(file, row.word, name: row.name, place: row.place) }
      case .missing(let words): unmatched.append((row, words))
      case .ambiguous(let words, let files):
        problems.append(
          Problem(kind: .ambiguousPhoto, subject: row.name, place: row.place, detail: words, file: files[0]))
      }
    }
    notes += names.notes.map { "\(source): \($0)" }
  }

  mutating func note(_ place: String, _ subject: String, _ detail: String) {
    problems.append(Problem(kind: .splitRow, subject: subject, place: place, detail: detail))
  }
}

extension SplitAssignment {
  /// The splits that caption files state.
  init(_ captions: CaptionedPhotos) {
    self.init(source: captions.source, isSelection: captions.isSelection)
    for photo in captions.photos {
      for word in photo.splits.isEmpty ? [""] : photo.splits {
        assign(photo.file, word, name: photo.name, place: photo.place)
      }
    }
  }

  /// The folders that photos lie in; nil where these are not those of splits.
  init?(foldersOf photos: [String]) {
    guard let folders = SplitFolders(photos) else { return nil }
    self.init(source: folders.source, isSelection: false)
    for photo in photos {
      if let split = folders[photo] {
        assign(photo, split, name: photo, place: photo)
      } else {
        verdicts[photo] = .unstated("it lies in no folder of a split")
      }
    }
  }
}
