/// How two readings of captions of the same photos differ.
struct CaptionComparison {
  /// Photos that both have, with other captions.
  let differing: [String]
  let shared: Int
  let onlyInFirst: Int
  let onlyInSecond: Int
  private let paths: (String, String)

  init(_ first: CaptionedPhotos, _ second: CaptionedPhotos) {
    let both = first.photos.filter { second[$0.file] != nil }
    differing = both.filter { !Self.agree($0.captions, second[$0.file]?.captions ?? []) }.map(\.name)
    shared = both.count
    (onlyInFirst, onlyInSecond) = (first.photos.count - shared, second.photos.count - shared)
    paths = (first.path, second.path)
  }

  /// In words; nil where they agree on every photo, and have the same photos.
  var words: String? {
    var parts: [String] = []
    if let first = differing.first { parts.append("\(differing.count) photos have other captions (first: \(first))") }
    if onlyInFirst > 0 { parts.append("\(onlyInFirst) photos are only in \(paths.0)") }
    if onlyInSecond > 0 { parts.append("\(onlyInSecond) photos are only in \(paths.1)") }
    return parts.isEmpty ? nil : parts.joined(separator: "; ")
  }

  /// White space within captions does not count: the layouts treat it differently.
  static func agree(_ one: [String], _ other: [String]) -> Bool {
    if one.count != other.count { return false }
    if one == other { return true }
    func folded(_ captions: [String]) -> [String] {
      captions.map { $0.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
    }
    return folded(one) == folded(other)
  }
}
