package import Batching

/// What one file says about photos, whatever its layout: their captions, or other columns.
package struct CaptionFile {
  /// What is known about one photo.
  package struct Photo {
    /// In the order of their numbers.
    package var captions: [String] = []
    /// As the file calls them; more than one is a contradiction, none means that the file knows no splits.
    package fileprivate(set) var splits: [String] = []
    /// Questions, labels, texts, boxes and the group.
    package fileprivate(set) var columns = SampleColumns()
    /// What the file calls its sound.
    package fileprivate(set) var clip: String?
    /// What the file calls the frames of a video behind its first, by which it is known.
    package fileprivate(set) var frames: [String] = []
    /// The size of the photo that the boxes are of, where the file says it.
    var frame: FrameSize?
    /// What the file says beyond its columns.
    package var details: JSONValue?
    fileprivate var numbers: [Int] = []
  }

  package let path: String
  /// The folder from which its names are seen first.
  var folder = ""
  package let layout: CaptionLayout
  /// The photos' names, in the order in which they were first named.
  package private(set) var names: [String] = []
  package private(set) var problems: [Problem] = []
  /// Rows or sentences, the unfit ones included.
  package private(set) var rows = 0
  /// How a table was read; nil for other layouts.
  var form: TableForm?
  /// The keys of the first of its JSON records, and of those that have others.
  var keys: RecordKeys?
  var otherKeys: [RecordKeys] = []
  /// What was converted before it could be read, in words.
  var conversion: String?
  /// Whether its photos may be named by a number in which their names end, and a word that the names of those have which
  /// are meant where several do.
  var namesByNumber = false
  var subset: String?
  /// What a reader should know about it, in words.
  var notes: [String] = []
  /// Rows with nothing in any field, and empty fields beside others that hold captions of the same photo.
  var emptyRows = 0
  var emptyCells = 0
  private var photos: [String: Photo] = [:]

  init(path: String, layout: CaptionLayout) {
    self.path = path
    self.layout = layout
  }

  package subscript(name: String) -> Photo? { photos[name] }

  var hasSplits: Bool { names.contains { photos[$0]?.splits.isEmpty == false } }

  /// Whether some of its photos have captions.
  var hasCaptions: Bool { names.contains { photos[$0]?.captions.isEmpty == false } }

  /// Rows that speak of other columns than captions; of Karpathy's form, whose rows are sentences, the photos.
  var columnRows: Int { rows > 0 ? rows : describedPhotos }

  /// Photos of which it says something in other columns.
  var describedPhotos: Int { names.count { photos[$0]?.columns.isEmpty == false } }

  var hasDetails: Bool { names.contains { photos[$0]?.details != nil } }

  /// Names a photo, which may stay without captions.
  ///
  /// - Parameter columns: of a photo that is named for the first time.
  mutating func mention(
    _ name: String, split: String? = nil, columns: SampleColumns? = nil, details: JSONValue? = nil
  ) {
    if photos[name] == nil {
      photos[name] = Photo()
      names.append(name)
    }
    if let split = split.map({ trimmed($0) }), !meansNoSplit(split), photos[name]?.splits.contains(split) == false {
      photos[name]?.splits.append(split)
    }
    if let columns { photos[name]?.columns = columns }
    if let details { photos[name]?.details = details }
  }

  /// Takes a caption, or a problem in its place.
  ///
  /// - Parameter number: its place among the photo's captions; nil puts it at the end.
  mutating func add(_ caption: String, to name: String, number: Int? = nil, at place: RowPlace) {
    rows += 1
    mention(name)
    guard var photo = photos.removeValue(forKey: name) else { return }
    defer { photos[name] = photo }
    let text = trimmed(caption)
    let number = number ?? (photo.numbers.last ?? -1) + 1
    if text.utf8.count > longestLine {
      note(.badText, name, place, "its caption \(number) has \(text.utf8.count) bytes")
    } else if text.isEmpty {
      note(.emptyCaption, name, place, "its caption \(number) is empty")
    } else if text.utf8.contains(0) {
      note(.badText, name, place, "its caption \(number) holds a NUL byte")
    } else if photo.numbers.contains(number) {
      note(.repeatedNumber, name, place, "its caption \(number) comes a second time")
    } else {
      let position = photo.numbers.firstIndex { $0 > number } ?? photo.numbers.count
      photo.numbers.insert(number, at: position)
      photo.captions.insert(text, at: position)
    }
  }

  /// Takes what a row says in other columns than captions. Where it contradicts what an earlier one said, that counts.
  mutating func describe(_ name: String, _ columns: SampleColumns, at place: RowPlace) {
    rows += 1
    mention(name)
    guard var photo = photos.removeValue(forKey: name) else { return }
    for words in photo.columns.append(columns) { note(.contradiction, name, place, words) }
    photos[name] = photo
  }

  /// Takes what a row calls a photo's sound. A sample has one; where another row names another, the first counts.
  mutating func hear(_ name: String, _ clip: String, at place: RowPlace) {
    guard let known = photos[name]?.clip else {
      photos[name]?.clip = clip
      return
    }
    if known != clip { note(.otherClip, name, place, "its sound is \(known), and here \(clip)") }
  }

  /// Takes the frames behind the first of a video that is named. - Returns: false where an earlier row has named others behind it.
  mutating func show(_ name: String, _ frames: [String]) -> Bool {
    if let known = photos[name] { return known.frames == frames }
    mention(name)
    photos[name]?.frames = frames
    return true
  }

  /// Notes the size of the photo that boxes are of.
  mutating func frame(_ name: String, _ size: FrameSize) { photos[name]?.frame = size }

  /// Notes that a row has no value where others have one; it is no fault.
  mutating func miss(_ name: String, at place: RowPlace, _ detail: String) { note(.missingValue, name, place, detail) }

  /// Notes a row that is no caption.
  mutating func reject(_ kind: Problem.Kind, at place: RowPlace, _ detail: String, subject: String = "") {
    rows += 1
    note(kind, subject, place, detail)
  }

  private mutating func note(_ kind: Problem.Kind, _ subject: String, _ place: RowPlace, _ detail: String) {
    problems.append(Problem(kind: kind, subject: subject, place: place.text(in: path), detail: detail))
  }
}

extension CaptionFile {
  /// How telling the name of its captions is, 0 the most; of layouts that hold nothing else it is.
  var headingRank: Int {
    let textBesidePhoto = ColumnNames.caption.firstIndex(of: "text") ?? 0
    return switch layout {
    case .karpathy, .coco, .token, .bars: 0
    case .separated: form?.rank ?? .max
    case .records: keys.map { ColumnNames.rank(String($0.captions.prefix { $0 != "," })) ?? .max } ?? .max
    case .beside: textBesidePhoto
    default: .max
    }
  }

  /// All captions, in the order of the photos' names in the file.
  var captions: some Sequence<String> { names.lazy.flatMap { self[$0]?.captions ?? [] } }

  /// What was passed over in it that is no fault, in words.
  var remarks: [String] {
    var remarks = notes
    if let split = form?.split, !hasSplits {
      remarks.append("\(path): column \(form?.name(split) ?? "") is empty in every row")
    }
    if emptyRows > 0 { remarks.append("\(path): \(emptyRows) rows are empty") }
    if emptyCells > 0 { remarks.append("\(path): \(emptyCells) fields for captions are empty; the photos have others") }
    if let keys = otherKeys.first {
      remarks.append("\(path): \(otherKeys.count) records have other keys (first: \(keys.photo) and \(keys.captions))")
    }
    if let others = keys?.others, !others.isEmpty {
      remarks.append("\(path): not read: " + (others.count == 1 ? "key " : "keys ") + some(others, limit: 8))
    }
    if let form, !form.unread.isEmpty { remarks.append("\(path): not read: " + form.unread) }
    return remarks
  }
}
