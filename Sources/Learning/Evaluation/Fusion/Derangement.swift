internal import Randomness

/// For each sample another one, whose image or text it is shown in the place of its own.
///
/// None is shown its own, nor that of its image or group, and each is shown to one other. A shuffle would leave some with their own, and
/// the model would seem to need its inputs less than it does.
public struct Derangement: Equatable, Sendable {
  /// [N]; nil for a sample of which there is no other: its class has none, or one group has more than half of it.
  public let others: [Int?]

  /// - Parameters:
  ///   - classes: of each sample, where it is to be shown another of its own class; all are one class where none are told.
  ///   - draw: which of many.
  public init(_ clusters: ImageClusters, within classes: [Int]? = nil, draw: Int) {
    let samples = Array(clusters.ofImage.indices)
    let classes = classes ?? samples.map { _ in 0 }
    var others = [Int?](repeating: nil, count: samples.count)
    for name in Set(classes).sorted() {
      let members = samples.filter { classes[$0] == name }
      var random = RandomStream(
        seed: 0, .derangements, UInt64(draw), UInt64(bitPattern: Int64(name)))
      for (sample, other) in paired(members, clusters, &random) { others[sample] = other }
    }
    self.others = others
  }
}

/// A random order of the clusters, and of the samples of each, since questions about photos often come in one order. In it each sample takes the one that lies as many places further on as the largest cluster has
/// samples; nobody where that cluster has more than half.
private func paired(_ members: [Int], _ clusters: ImageClusters, _ random: inout RandomStream) -> [(Int, Int)] {
  var order = Set(members.map { clusters.ofImage[$0] }).sorted()
  random.shuffle(&order)
  let ofCluster = members.reduce(into: [Int: [Int]]()) { $0[clusters.ofImage[$1], default: []].append($1) }
  let line = order.flatMap { cluster in
    var members = ofCluster[cluster] ?? []
    random.shuffle(&members)
    return members
  }
  let step = ofCluster.values.map(\.count).max() ?? 0
  guard step > 0, 2 * step <= line.count else { return [] }
  return line.indices.map { (line[$0], line[($0 + step) % line.count]) }
}
