internal import Files

/// Folders that are splits: `train/`, `val/` and `test/` with photos below them, as fastai, torchvision and Hugging Face's
/// imagefolder have them, or `train2014` and `val2014` as COCO has.
struct SplitFolders {
  private let depth: Int
  /// The folders' names by their splits.
  private let folders: [String: Set<String>]
  /// What the folders' names have in common beside the split.
  private let rest: String

  /// Nil where photos do not lie in the folders of two splits at least: one alone says nothing.
  init?(_ photos: [String]) {
    let parts = photos.map { Array(components($0).dropLast()) }
    guard let first = parts.first else { return nil }
    let common = parts.dropFirst().reduce(first.count) { shared, part in
      min(shared, zip(first, part).prefix { $0 == $1 }.count)
    }
    for depth in common..<max(common, min(parts.map(\.count).max() ?? 0, 8)) {
      var found: [String: [String: Set<String>]] = [:]
      for folder in Set(parts.compactMap { $0.indices.contains(depth) ? $0[depth] : nil }) {
        if let name = Self.split(folder) { found[name.rest, default: [:]][name.split, default: []].insert(folder) }
      }
      if let most = found.min(by: { ($1.value.count, $0.key) < ($0.value.count, $1.key) }), most.value.count > 1 {
        (self.depth, folders, rest) = (depth, most.value, most.key)
        return
      }
    }
    return nil
  }

  /// The split of a photo by its path; nil where it lies in no such folder.
  subscript(photo: String) -> String? {
    let parts = components(photo).dropLast()
    guard parts.indices.contains(depth), let name = Self.split(parts[depth]), name.rest == rest else { return nil }
    return name.split
  }

  /// In words, for the report.
  var source: String {
    let names = folders.keys.sorted(by: splitOrder).map { split in
      (folders[split] ?? []).sorted().joined(separator: ", ")
    }
    return "folders " + names.joined(separator: ", ")
  }

  /// The split that a folder's name speaks of, and what the name says beside it: nothing in `train`, `train2014`,
  /// `images_train`, `testset`; `my` in `my_train`. Nil for folders of other names.
  static func split(_ folder: String) -> (split: String, rest: String)? {
    let words = folder.lowercased().split { !$0.isLetter }.map(String.init)
    let others = ["images", "image", "img", "imgs", "photos", "pictures", "jpg", "data", "set", "split"]
    let splits = words.compactMap(splitWord)
    guard splits.count == 1 else { return nil }
    return (splits[0], words.filter { splitWord($0) == nil && !others.contains($0) }.joined(separator: " "))
  }
}

/// The split that a word in the name of a file or folder means; nil for other words.
func splitWord(_ word: some StringProtocol) -> String? {
  let plain = word.hasSuffix("set") && word.count > 3 ? String(word.dropLast(3)) : String(word)
  switch plain {
  case "train", "training", "val", "valid", "validation", "dev", "test", "testing": return canonicalSplit(plain)
  case "eval", "evaluation": return "test"
  default: return nil
  }
}
