internal import Files

/// Which of the files that can be read as captions are the captions.
///
/// Of several, those are taken that say it best: by the photos they name, by their layout, by their heading, by whole
/// sentences. Those that are alike are one set of captions: parts, and one file for each split. Those that say different
/// things about the same photos are for the caller to choose from.
struct CaptionFileChoice {
  let taken: CaptionedPhotos
  /// What else could have been taken.
  private(set) var others: [CaptionedPhotos] = []

  /// Takes the files that the caller names, whatever they hold; the rest of the source's are others.
  init(given: [CaptionedPhotos.Part], _ files: [CaptionFile], in directory: PhotoDirectory) {
    taken = CaptionedPhotos(given, in: directory)
    others = Self.groups(files).map { CaptionedPhotos($0, in: directory) }
  }

  /// Nil where no file holds words.
  ///
  /// - Throws: `PreparationError.severalCaptions` where several are as good, and differ.
  init?(_ files: [CaptionFile], in directory: PhotoDirectory) throws(PreparationError) {
    let worded = files.filter { Wording($0.captions).isWords }
    let ranked = worded.map { (file: $0, rank: Self.rank($0, directory)) }
    let groups = Self.groups(ranked.sorted { $0.rank.lexicographicallyPrecedes($1.rank) }.map(\.file))
    let ranks = Dictionary(ranked.map { ($0.file.path, $0.rank) }, uniquingKeysWith: { first, _ in first })
    guard let best = groups.first.map({ ranks[$0[0].file.path] }) else { return nil }
    let equals = groups.prefix { ranks[$0[0].file.path] == best }.map { CaptionedPhotos($0, in: directory) }
    let (joined, rest) = try Self.join(equals, in: directory)
    taken = joined
    others = rest + groups.dropFirst(equals.count).map { CaptionedPhotos($0, in: directory) }
  }

  /// How good a file is as captions, smaller numbers first: whether it has any, whether it names photos that there are, the
  /// layouts that nothing else has, sentences before classes and tags of one word, the heading, and a name that speaks of
  /// words made from others or of a form to be filled.
  private static func rank(_ file: CaptionFile, _ directory: PhotoDirectory) -> [Int] {
    let words = lastComponent(of: file.path).lowercased().split { !$0.isLetter }
    let isEmpty = !file.captions.contains { _ in true }
    let isDerived = words.contains { ["lemma", "lemmas", "stem", "stems", "stemmed", "submission"].contains($0) }
    let namesPhotos = file.names.prefix(200).contains { directory.match($0, near: file.folder) != .missing }
    return [
      isEmpty ? 1 : 0, namesPhotos ? 0 : 1, min(file.layout.rawValue, CaptionLayout.records.rawValue),
      Wording(file.captions).length >= 2 ? 0 : 1, file.headingRank, isDerived ? 1 : 0,
    ]
  }

  /// The files that hold something else than words, and what.
  static func wordless(_ files: [CaptionFile]) -> [String] {
    files.filter { !Wording($0.captions).isWords }.map { "\($0.path): \(content(of: $0)), no captions" }
  }

  private static func content(of file: CaptionFile) -> String {
    let column = file.form.map { form in "column " + form.captions.map(form.name).joined(separator: ", ") + " " } ?? ""
    return "\(column)holds “\(Wording(file.captions).odd?.prefix(40) ?? "")” and the like"
  }

  /// Brings together what comes in one file a split, as `captions_train2014.json` and `captions_val2014.json` do, or
  /// `train/metadata.csv` and `val/metadata.csv`: files of one layout whose paths differ in the split alone. Where files of a
  /// layout that say no splits themselves speak of several in their paths, each means its own; where they speak of one, that
  /// says nothing.
  static func groups(_ files: [CaptionFile]) -> [[CaptionedPhotos.Part]] {
    let spoken = files.map { $0.hasSplits ? nil : splitInPath($0.path) }
    let splits = Dictionary(grouping: zip(files, spoken), by: \.0.layout).mapValues { Set($0.compactMap(\.1?.split)) }
    var groups: [(key: String?, parts: [CaptionedPhotos.Part])] = []
    for (file, found) in zip(files, spoken) {
      guard let found, splits[file.layout, default: []].count > 1 else {
        groups.append((nil, [.init(file: file)]))
        continue
      }
      let key = "\(file.layout.name) \(found.rest)"
      let place = groups.firstIndex { $0.key == key } ?? groups.count
      if place == groups.count { groups.append((key, [])) }
      groups[place].parts.append(.init(file: file, split: found.split))
    }
    return groups.map { $0.parts.sorted { splitOrder($0.split ?? "", $1.split ?? "") } }
  }

  /// One set of captions out of several that are as good as each other.
  ///
  /// - Returns: also those that add nothing to it.
  private static func join(
    _ equals: [CaptionedPhotos], in directory: PhotoDirectory
  ) throws(PreparationError) -> (joined: CaptionedPhotos, rest: [CaptionedPhotos]) {
    var (joined, rest) = (equals[0], [CaptionedPhotos]())
    for next in equals.dropFirst() {
      let comparison = CaptionComparison(joined, next)
      if !comparison.differing.isEmpty {
        throw PreparationError.severalCaptions(
          first: joined.path, second: next.path, photos: comparison.differing.count, example: comparison.differing[0])
      } else if comparison.onlyInSecond == 0, comparison.shared > 0 {
        rest.append(next)
      } else if comparison.onlyInFirst == 0, comparison.shared > 0 {
        rest.append(joined)
        joined = next
      } else {
        joined = CaptionedPhotos(joined.parts + next.parts, in: directory)
      }
    }
    return (joined, rest)
  }
}

/// The split that a path speaks of, in the file's name or else in the nearest of its folders that speaks of any, and the path
/// without that word; nil where there is none, or where that name speaks of two.
func splitInPath(_ path: String) -> (split: String, rest: String)? {
  let lower = path.lowercased()
  for component in lower.split(separator: "/").reversed() {
    let words = component.split { !$0.isLetter }.map(String.init).filter { splitWord($0) != nil }
    guard let word = words.first, let split = splitWord(word) else { continue }
    guard Set(words.compactMap(splitWord)).count == 1 else { return nil }
    return (split, replacingWords(in: lower) { words.contains($0) ? "*" : $0 })
  }
  return nil
}

/// A text with other words in it; a word is letters without anything between.
private func replacingWords(in text: String, by replacement: (String) -> String) -> String {
  var (result, word) = ("", "")
  for character in text {
    if character.isLetter {
      word.append(character)
    } else {
      result += replacement(word) + String(character)
      word = ""
    }
  }
  return result + replacement(word)
}
