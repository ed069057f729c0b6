internal import Files

/// Which of the files that can be read as captions are the captions.
///
/// Of several, those are taken that say it best: by the photos they name, by their layout, by their heading, by whole
/// sentences. Those that are alike are one set of captions: parts, and one file for each split. Those that say different
/// things about the same photos are for the caller to choose from.
struct CaptionChoice {
  let taken: CaptionedPhotos
  /// What else could have been taken.
  private(set) var others: [CaptionedPhotos] = []

  /// Takes the files that the caller names, whatever they hold; the rest of the source's are others.
  init(given: [CaptionFile], _ files: [CaptionFile], in directory: PhotoDirectory) {
    taken = CaptionedPhotos(given.map { .init(file: $0) }, in: directory)
    others = Self.groups(files).map { CaptionedPhotos($0, in: directory) }
  }

  /// Nil where no file holds words.
  ///
  /// - Throws: `PreparationError.severalCaptions` where several are as good, and differ.
  init?(_ files: [CaptionFile], in directory: PhotoDirectory) throws(PreparationError) {
    let worded = files.filter { Wording($0.captions).isWords }
    let ranked = worded.map { file in
      let rank = Self.rank(file, directory)
      return (file: file, rank: rank, order: rank + [Self.hasSentences(file) ? 0 : 1])
    }
    let groups = Self.groups(ranked.sorted { $0.order.lexicographicallyPrecedes($1.order) }.map(\.file))
    let ranks = Dictionary(ranked.map { ($0.file.path, $0.rank) }, uniquingKeysWith: { first, _ in first })
    guard let best = groups.first.map({ ranks[$0[0].file.path] }) else { return nil }
    let equals = groups.prefix { ranks[$0[0].file.path] == best }.map { CaptionedPhotos($0, in: directory) }
    let (joined, rest) = try Self.join(equals, in: directory)
    taken = joined
    others = rest + groups.dropFirst(equals.count).map { CaptionedPhotos($0, in: directory) }
  }

  /// How good a file is as captions, smaller numbers first: whether it has any, whether it names photos that there are, its
  /// layout, its heading, and a name that speaks of words made from others.
  private static func rank(_ file: CaptionFile, _ directory: PhotoDirectory) -> [Int] {
    let name = lastComponent(of: file.path).lowercased()
    let isEmpty = !file.captions.contains { _ in true }
    let isDerived = name.contains("lemma") || name.contains("stem")
    let namesPhotos = file.names.prefix(200).contains { directory.match($0, near: file.folder) != .missing }
    return [isEmpty ? 1 : 0, namesPhotos ? 0 : 1, file.layout.rawValue, file.form?.rank ?? 0, isDerived ? 1 : 0]
  }

  /// Whether a file's captions are sentences, and not classes or tags of one word.
  private static func hasSentences(_ file: CaptionFile) -> Bool { Wording(file.captions).length >= 2 }

  /// The files that hold something else than words, and what.
  static func wordless(_ files: [CaptionFile]) -> [String] {
    files.filter { !Wording($0.captions).isWords }.map { "\($0.path): \(content(of: $0)), no captions" }
  }

  private static func content(of file: CaptionFile) -> String {
    let column = file.form.map { form in "column " + form.captions.map(form.name).joined(separator: ", ") + " " } ?? ""
    return "\(column)holds “\(Wording(file.captions).odd?.prefix(40) ?? "")” and the like"
  }

  /// Brings together what comes in one file a split, as `captions_train2014.json` and `captions_val2014.json` do, or
  /// `train/metadata.csv` and `val/metadata.csv`: files of one layout whose paths differ in the split alone, and which say
  /// no splits themselves. Such a file that stands alone stays as it is, and says nothing about splits.
  static func groups(_ files: [CaptionFile]) -> [[CaptionedPhotos.Part]] {
    var groups: [(key: String?, files: [CaptionedPhotos.Part])] = []
    for file in files {
      let found = file.hasSplits ? nil : splitInPath(file.path)
      let key = found.map { "\(file.layout.name) \($0.rest)" }
      if let found, let place = groups.firstIndex(where: { $0.key == key }) {
        groups[place].files.append(.init(file: file, split: found.split))
      } else {
        groups.append((key, [.init(file: file, split: found?.split)]))
      }
    }
    return groups.flatMap { group -> [[CaptionedPhotos.Part]] in
      let splits = Set(group.files.map(\.split))
      guard group.files.count > 1, splits.count == group.files.count else {
        return group.files.map { [CaptionedPhotos.Part(file: $0.file)] }
      }
      return [group.files.sorted { splitOrder($0.split ?? "", $1.split ?? "") }]
    }
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
      if !comparison.differing.isEmpty, hasSentences(joined.parts[0].file), !hasSentences(next.parts[0].file) {
        rest.append(next)
      } else if !comparison.differing.isEmpty {
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
/// without that word; nil where there is none, or where it speaks of two.
func splitInPath(_ path: String) -> (split: String, rest: String)? {
  let lower = path.lowercased()
  let known = ["train", "training", "val", "valid", "validation", "dev", "test", "testing"]
  for component in lower.split(separator: "/").reversed() {
    let words = component.split { !$0.isLetter }.filter { known.contains(String($0)) }
    guard let word = words.first else { continue }
    guard words.count == 1, let split = canonicalSplit(word) else { return nil }
    return (split, lower[..<word.startIndex] + "*" + lower[word.endIndex...])
  }
  return nil
}
