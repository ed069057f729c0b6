internal import Files

extension CaptionFile {
  /// Brings together what comes in one file a split, as `captions_train2014.json` and `captions_val2014.json` do: files of
  /// one layout whose names differ in the split alone, and which say no splits themselves. Such a file that stands
  /// alone stays as it is, and says nothing about splits.
  static func joiningSplits(_ files: [CaptionFile]) -> [CaptionFile] {
    var groups: [(key: String?, files: [CaptionFile])] = []
    for file in files {
      let key = file.hasSplits ? nil : splitInName(file.path).map { "\(file.layout.name) \($0.rest)" }
      if let key, let place = groups.firstIndex(where: { $0.key == key }) {
        groups[place].files.append(file)
      } else {
        groups.append((key, [file]))
      }
    }
    return groups.flatMap { joined($0.files) }
  }

  private static func joined(_ files: [CaptionFile]) -> [CaptionFile] {
    guard files.count > 1 else { return files }
    var parts = files.compactMap { file in splitInName(file.path).map { (split: $0.split, file: file) } }
    guard Set(parts.map(\.split)).count == files.count else { return files }
    parts.sort { splitOrder($0.split, $1.split) }
    for place in parts.indices { parts[place].file.assign(split: parts[place].split) }
    var whole = parts[0].file
    for part in parts.dropFirst() { whole.join(part.file) }
    return [whole]
  }
}

/// The split that a file's base name speaks of, and the name without that word; nil where it speaks of none, or of two.
func splitInName(_ path: String) -> (split: String, rest: String)? {
  let name = lastComponent(of: path).lowercased()
  let words = name.split { !$0.isLetter }.filter {
    ["train", "training", "val", "valid", "validation", "dev", "test"].contains($0)
  }
  guard words.count == 1, let split = canonicalSplit(words[0]) else { return nil }
  return (split, name[..<words[0].startIndex] + "*" + name[words[0].endIndex...])
}
