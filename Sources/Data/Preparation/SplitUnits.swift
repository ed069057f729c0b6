internal import Files

/// What a hash must not divide: the photos of one group, photos with the same bytes, and whatever hangs together through
/// both.
struct SplitUnits {
  /// For each photo the 64 bits that decide its split: its own, or the smallest of the groups it hangs together with. So a
  /// group's split depends on its name and the seed only, and adding other photos moves none.
  private(set) var identities: [UInt64]

  /// - Parameter photos: the first 64 bits of each photo's SHA-256, and its group.
  init(_ photos: [(identity: UInt64, group: String?)]) {
    identities = photos.map(\.identity)
    var names = Set<String>()
    for photo in photos { if let group = photo.group { names.insert(group) } }
    guard !names.isEmpty else { return }
    let hashes = Dictionary(uniqueKeysWithValues: names.map { ($0, Self.identity(of: $0)) })
    var groups = DisjointSets()
    var groupOf: [UInt64: UInt64] = [:]
    for photo in photos {
      guard let hash = photo.group.flatMap({ hashes[$0] }) else { continue }
      groups.join(hash, groupOf[photo.identity] ?? hash)
      groupOf[photo.identity] = hash
    }
    identities = photos.map { photo in groupOf[photo.identity].map { groups.smallest(with: $0) } ?? photo.identity }
  }

  /// The first 64 bits of a name's SHA-256.
  private static func identity(of group: String) -> UInt64 {
    UInt64(sha256(Array(group.utf8)).prefix(16), radix: 16) ?? 0
  }
}

/// Numbers that hang together, each set under its smallest.
private struct DisjointSets {
  private var parents: [UInt64: UInt64] = [:]

  mutating func smallest(with number: UInt64) -> UInt64 {
    var root = number
    while let parent = parents[root], parent != root { root = parent }
    var place = number
    while place != root {
      let next = parents[place] ?? root
      parents[place] = root
      place = next
    }
    return root
  }

  mutating func join(_ a: UInt64, _ b: UInt64) {
    let (first, second) = (smallest(with: a), smallest(with: b))
    if first != second { parents[max(first, second)] = min(first, second) }
  }
}
