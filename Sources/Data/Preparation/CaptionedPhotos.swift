internal import Archives
internal import Batching
internal import Files

/// The photos of a source with what one caption file says about them, or several that are read as one.
struct CaptionedPhotos {
  /// A caption file, and the split of all its photos where its name or folder says one.
  struct Part {
    let file: CaptionFile
    var split: String?
  }

  /// A photo that captions name.
  struct Photo {
    /// As the captions call it, or, where they call several so, its path in the source.
    fileprivate(set) var name: String
    /// Where it lies in the source.
    let file: String
    /// Other files that the name fits as well, and that should have the same bytes.
    let copies: [String]
    /// The caption file that names it.
    let place: String
    var captions: [String] = []
    /// As the files call them; more than one is a contradiction, none means that none is said.
    var splits: [String] = []
    /// Questions, labels, texts, boxes and the group.
    var columns = SampleColumns()
    /// The size of the photo that its boxes are of, where a file says it.
    var frame: FrameSize?
    /// What a file calls its sound, and the folder from which that is seen.
    var clip: (name: String, folder: String)?
    /// Frames behind the photo, where that is the first of a video.
    var frames = FrameNames(files: [])
    /// What the files say beyond their columns.
    var details: [String: JSONValue] = [:]
  }

  let parts: [Part]
  /// In the order of their names' bytes.
  private(set) var photos: [Photo] = []
  /// Names without a photo, or with too many.
  private(set) var unmatched: [Problem] = []
  /// Where files contradict each other about a photo.
  private(set) var contradictions: [Problem] = []
  /// Files that a name may mean among others.
  private(set) var ambiguous: Set<String> = []
  /// How names had to be understood, in words.
  private(set) var notes: [String] = []
  private var places: [String: Int] = [:]

  init(_ parts: [Part], in directory: PhotoDirectory) {
    self.parts = parts
    let folders = parts.map { part in
      part.file.names.map { directory.frames(inFolder: $0, near: part.file.folder) }
    }
    let namings = zip(parts, folders).flatMap { part, folders in
      zip(part.file.names, folders).map { name, frames in
        PhotoNames.Naming(
          name: frames.first ?? name, folder: part.file.folder, split: part.split, isNumber: part.file.namesByNumber,
          subset: part.file.subset)
      }
    }
    let names = PhotoNames(namings, in: directory)
    notes = names.notes + parts.flatMap(\.file.remarks)
    var leads = names.leads[...]
    for (part, folders) in zip(parts, folders) {
      for (place, lead) in leads.prefix(part.file.names.count).enumerated() {
        let name = part.file.names[place]
        let known = part.file[name]?.frames ?? []
        let frames =
          known.isEmpty
          ? FrameNames(files: folders[place].dropFirst())
          : FrameNames(known, in: directory, near: part.file.folder)
        take(name, lead, part, frames)
      }
      leads = leads.dropFirst(part.file.names.count)
    }
    nameByFileWhereNamesMeet()
    photos.sort { byteOrder($0.name, $1.name) }
    places = Dictionary(photos.enumerated().map { ($1.file, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// - Parameter file: a photo's path in the source.
  subscript(file: String) -> Photo? { places[file].map { photos[$0] } }

  private mutating func take(_ name: String, _ lead: PhotoNames.Lead, _ part: Part, _ frames: FrameNames) {
    let known = part.file[name]
    func problem(_ kind: Problem.Kind, _ detail: String, file: String? = nil) -> Problem {
      Problem(kind: kind, subject: name, place: part.file.path, detail: detail, file: file)
    }
    switch lead {
    case .missing(let words): unmatched.append(problem(.missingPhoto, words))
    case .ambiguous(let words, let files):
      unmatched.append(problem(.ambiguousPhoto, words, file: files[0]))
      ambiguous.formUnion(files)
    case .photo(let file, let copies):
      let place = places[file] ?? photos.count
      if place == photos.count {
        let shown = part.file.namesByNumber ? lastComponent(of: file) : name
        photos.append(Photo(name: shown, file: file, copies: copies, place: part.file.path))
        places[file] = place
      }
      // Parts may overlap: what two of them say alike counts once.
      if let captions = known?.captions, !CaptionComparison.agree(photos[place].captions, captions) {
        photos[place].captions += captions
      }
      for split in part.split.map({ [$0] }) ?? known?.splits ?? [] where !photos[place].splits.contains(split) {
        photos[place].splits.append(split)
      }
      for words in known.map({ photos[place].columns.merge($0.columns) }) ?? [] {
        contradictions.append(problem(.contradiction, words, file: file))
      }
      if photos[place].frames.frames.isEmpty { photos[place].frames = frames }
      photos[place].frame = photos[place].frame ?? known?.frame
      photos[place].clip = photos[place].clip ?? known?.clip.map { ($0, part.file.folder) }
      if case .object(let details) = known?.details { photos[place].details.merge(details) { first, _ in first } }
    }
  }

  /// Files in several folders may use one name for different photos; these are then called by their paths, until no two
  /// names are equal.
  private mutating func nameByFileWhereNamesMeet() {
    if Set(photos.lazy.map(\.name)).count == photos.count { return }
    var meeting: [Int]
    repeat {
      let counts = Dictionary(grouping: photos.indices, by: { photos[$0].name })
      meeting = counts.values.filter { $0.count > 1 }.joined().filter { photos[$0].name != photos[$0].file }
      for place in meeting { photos[place].name = photos[place].file }
    } while !meeting.isEmpty
  }
}

extension CaptionedPhotos {
  /// Whether the files list the photos that are meant: what they do not name is left out on purpose.
  var isSelection: Bool { parts.allSatisfy(\.file.layout.isSelection) }

  var hasSplits: Bool { photos.contains { !$0.splits.isEmpty } }

  /// Whether files that speak of other columns are among them.
  var hasColumnFiles: Bool { parts.contains { $0.file.layout > .beside } }

  var hasGroups: Bool { photos.contains { $0.columns.group != nil } }

  /// The files' paths.
  var path: String { parts.map(\.file.path).joined(separator: ", ") }

  /// The files with their layout, in words.
  var source: String { "\(parts.first?.file.layout.name ?? "") \(path)" }

  /// Rows or sentences, the unfit ones included.
  var rows: Int { parts.reduce(0) { $0 + $1.file.rows } }

  /// What is wrong in the files' rows.
  var problems: [Problem] { parts.flatMap(\.file.problems) + contradictions }
}
