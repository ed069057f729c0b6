internal import Randomness

/// How many samples each number of a calibration comes from, where each has samples of its own. Samples of one image or group are in one
/// part: else a promise would be made by those that it was fitted to.
public struct CalibrationParts: Codable, Equatable, Sendable {
  public var temperature: Int
  public var threshold: Int
  public var sets: Int

  /// - Parameter parts: the three.
  init(_ parts: [[Int]]) { (temperature, threshold, sets) = (parts[0].count, parts[1].count, parts[2].count) }
}

/// Some samples in parts of about equal size: images or groups in a random order, which hangs on their number alone, each to the part that
/// has the fewest samples so far.
/// - Parameter clusters: of all samples.
func divided(_ samples: [Int], _ clusters: [Int], into count: Int) -> [[Int]] {
  let members = samples.reduce(into: [Int: [Int]]()) { $0[clusters[$1], default: []].append($1) }
  var order = members.keys.sorted()
  var random = RandomStream(seed: 0, .calibrationParts, UInt64(count))
  random.shuffle(&order)
  return order.reduce(into: [[Int]](repeating: [], count: count)) { parts, cluster in
    let smallest = parts.indices.reduce(0) { parts[$1].count < parts[$0].count ? $1 : $0 }
    parts[smallest] += members[cluster] ?? []
  }.map { $0.sorted() }
}
