/// The name under which a prepared data set knows a split: `train`, `validation`, `test`, or the source's own word in
/// lower case. `restval`, which Karpathy gives to photos that everybody trains on, is `train`.
///
/// - Returns: nil for what cannot name a split (1 to 32 of the characters a–z 0–9 _ -).
package func canonicalSplit(_ word: some StringProtocol) -> String? {
  let name = trimmed(word).lowercased()
  switch name {
  case "train", "training", "restval": return "train"
  case "val", "valid", "validation", "dev": return "validation"
  case "test", "testing": return "test"
  default:
    let isPlain = name.utf8.allSatisfy {
      (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F || $0 == 0x2D
    }
    return isPlain && (1...32).contains(name.utf8.count) ? name : nil
  }
}

/// Whether a word in a split's place says that there is none: nothing, or what programs write for a missing value.
func meansNoSplit(_ word: String) -> Bool {
  ["", "null", "none", "nan", "na", "n/a", "nil", "unknown", "?", "-"].contains(word.lowercased())
}

/// The order in which splits are written and listed.
func splitOrder(_ a: String, _ b: String) -> Bool {
  func rank(_ name: String) -> Int { ["train", "validation", "test"].firstIndex(of: name) ?? 3 }
  return (rank(a), a) < (rank(b), b)
}

/// The split that a list's file name speaks of: `train.txt`, `val.txt`, `Flickr_8k.trainImages.txt`,
/// `flickr30k_test.txt`; nil for other files.
package func listedSplit(fileName: String) -> String? {
  let lower = fileName.lowercased()
  guard let end = [".txt", ".lst"].first(where: { lower.hasSuffix($0) }) else { return nil }
  var stem = lower.dropLast(end.utf8.count)
  for ending in ["images", "image", "list", "names", "ids"] where stem.hasSuffix(ending) && stem.count > ending.count {
    stem = stem.dropLast(ending.count)
    break
  }
  while let last = stem.last, "_-.".contains(last) { stem.removeLast() }
  let words = stem.split { !$0.isLetter }
  guard let word = words.last, ["train", "val", "valid", "validation", "dev", "test"].contains(String(word)) else {
    return nil
  }
  return canonicalSplit(word)
}
