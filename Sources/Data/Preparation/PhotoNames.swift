internal import Archives

/// What the names of one source of names (caption files, lists of splits, pairs) lead to, taken together.
///
/// Two names may lead to one file. Where both say the same, one with more folders than the other, they are one photo; else
/// the name that fits the file best has it, and the other's photo is missing. `train/1.jpg` does not become `val/1.jpg`
/// because that is the only `1.jpg` there is.
struct PhotoNames {
  /// A name, and the folder of the file that has it, and its split where it has one.
  struct Naming: Hashable {
    let name: String
    var folder = ""
    var split: String?
    /// Whether the name may be a number in which the photo's ends, and a word of that photo's name.
    var isNumber = false
    var subset: String?
  }

  /// Where a name leads.
  enum Lead: Equatable {
    case photo(file: String, copies: [String])
    /// There is none; the words say what there is instead.
    case missing(String)
    /// There are several.
    case ambiguous(String, files: [String])
  }

  /// One for each naming, in their order.
  private(set) var leads: [Lead] = []
  /// Names that do not fit their files to the letter, in words.
  private(set) var notes: [String] = []

  init(_ namings: [Naming], in directory: PhotoDirectory) {
    let matches = namings.map { naming in
      let match = directory.match(naming.name, near: naming.folder, split: naming.split)
      return match == .missing && naming.isNumber ? directory.match(number: naming.name, subset: naming.subset) : match
    }
    leads = matches.map(Self.lead)
    var claims: [String: [Int]] = [:]
    for (place, match) in matches.enumerated() {
      if let file = match.files.first, let fit = match.fit, fit != .number { claims[file, default: []].append(place) }
    }
    for places in claims.values where places.count > 1 { settle(places, namings, matches) }
    describe(namings, matches)
  }

  private static func lead(_ match: PhotoDirectory.Match) -> Lead {
    switch match {
    case .missing: .missing("there is no photo of this name")
    case .file(let file, _): .photo(file: file, copies: [])
    case .copies(let files, _): .photo(file: files[0], copies: Array(files.dropFirst()))
    case .ambiguous(let files):
      .ambiguous("\(files.count) different photos have this name: " + some(files), files: files)
    }
  }

  /// Decides which of several names has the file they all lead to.
  private mutating func settle(_ places: [Int], _ namings: [Naming], _ matches: [PhotoDirectory.Match]) {
    let fits = places.map { matches[$0].fit ?? .otherCase }
    let names = places.map { namings[$0].name }
    if zip(fits, names).allSatisfy({ $0 <= .part || $0 == .otherExtension && !isMediaName($1) }),
      Self.sayTheSame(names)
    {
      return
    }
    let best = fits.min() ?? .whole
    let owners = zip(places, fits).filter { $0.1 == best }.map(\.0)
    let file = matches[places[0]].files[0]
    let isOwned = Self.sayTheSame(owners.map { namings[$0].name })
    for (place, fit) in zip(places, fits) where !(isOwned && fit == best) {
      leads[place] =
        isOwned
        ? .missing("there is no photo of this name; \(file) is that of \(namings[owners[0]].name)")
        : .ambiguous("\(file) is called " + some(names), files: [file])
    }
  }

  /// Whether each name is the end of the longest; one may lack the extension that another has.
  private static func sayTheSame(_ names: [String]) -> Bool {
    let hasShort = names.contains { !isMediaName($0) }
    let parts = names.map { components(hasShort ? withoutPictureExtension($0) : $0) }
    guard let longest = parts.max(by: { $0.count < $1.count }) else { return true }
    return parts.allSatisfy { longest.suffix($0.count).elementsEqual($0) }
  }

  private mutating func describe(_ namings: [Naming], _ matches: [PhotoDirectory.Match]) {
    for (fit, words) in Self.words {
      let places = matches.indices.filter { place in
        guard case .photo = leads[place] else { return false }
        return matches[place].fit == fit
      }
      guard let first = places.first else { continue }
      notes.append(
        "\(places.count) photos are named \(words) (first: \(namings[first].name) is \(matches[first].files[0]))")
    }
  }

  private static let words: [(PhotoDirectory.Fit, String)] = [
    (.otherFolders, "with other folders than they lie in"),
    (.otherExtension, "without their extension, or with another"),
    (.otherCase, "in other letters, upper or lower case"),
    (.number, "by the number in which their names end"),
  ]
}

/// The first few of a list, in words.
func some(_ texts: [String], limit: Int = 3) -> String {
  texts.prefix(limit).joined(separator: ", ") + (texts.count > limit ? " and \(texts.count - limit) more" : "")
}

extension PhotoDirectory.Match {
  /// The files meant.
  var files: [String] {
    switch self {
    case .missing: []
    case .file(let file, _): [file]
    case .copies(let files, _), .ambiguous(let files): files
    }
  }

  /// Nil where the name leads to no one photo.
  var fit: PhotoDirectory.Fit? {
    switch self {
    case .missing, .ambiguous: nil
    case .file(_, let fit), .copies(_, let fit): fit
    }
  }
}
