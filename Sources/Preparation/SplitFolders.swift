internal import Files

/// Folders that are splits: `train/`, `val/` and `test/` with photos below them, as fastai, torchvision and Hugging Face's
/// imagefolder have them, or `train2014` and `val2014` as COCO has.
struct SplitFolders {
  private let depth: Int
  /// The folders' names by their splits.
  private let folders: [String: Set<String>]

  /// Nil where photos do not lie in the folders of two splits at least: one alone says nothing.
  init?(_ photos: [String]) {
    let parts = photos.map { Array(components($0).dropLast()) }
    let common = parts.first.map { first in
      parts.dropFirst().reduce(first.count) { shared, part in
        min(shared, zip(first, part).prefix { $0 == $1 }.count)
      }
    }
    for depth in (common ?? 0)..<max(common ?? 0, min(parts.map(\.count).max() ?? 0, 8)) {
      var folders: [String: Set<String>] = [:]
      for part in parts where part.indices.contains(depth) {
        if let split = Self.split(folder: part[depth]) { folders[split, default: []].insert(part[depth]) }
      }
      guard folders.count < 2 else {
        (self.depth, self.folders) = (depth, folders)
        return
      }
    }
    return nil
  }

  /// The split of a photo by its path; nil where it lies in no such folder.
  subscript(photo: String) -> String? {
    let parts = components(photo).dropLast()
    return parts.indices.contains(depth) ? Self.split(folder: parts[depth]) : nil
  }

  /// In words, for the report.
  var source: String {
    let names = folders.keys.sorted(by: splitOrder).map { split in
      (folders[split] ?? []).sorted().joined(separator: ", ")
    }
    return "folders " + names.joined(separator: ", ")
  }

  /// `train`, `train2014`, `images_train`, `test-set`; nil for folders of other names.
  static func split(folder: String) -> String? {
    let words = folder.lowercased().split { !$0.isLetter }.map(String.init)
    let others = ["images", "image", "img", "imgs", "photos", "pictures", "jpg", "data", "set", "split"]
    let splits = words.filter { !others.contains($0) }
    let known = ["train", "training", "val", "valid", "validation", "dev", "test", "testing"]
    guard splits.count == 1, known.contains(splits[0]) else { return nil }
    return canonicalSplit(splits[0])
  }
}
