internal import Randomness

/// Which images of a split belong together, and are no independent evidence: those of a patient, those with equal bytes.
public struct ImageClusters: Equatable, Sendable {
  /// For each image the number of its cluster, from 0 in the order of their first images.
  package let ofImage: [Int]
  let count: Int

  /// - Parameter names: of each image's cluster.
  public init<Name: Hashable>(_ names: [Name]) {
    var numbers: [Name: Int] = [:]
    ofImage = names.map { name in
      let number = numbers[name] ?? numbers.count
      numbers[name] = number
      return number
    }
    count = numbers.count
  }

  /// The clusters of some of the images, in the order given.
  public func selecting(_ images: [Int]) -> ImageClusters { ImageClusters(images.map { ofImage[$0] }) }

  /// For each image one of another cluster, and each image for one other: what a model is shown to learn what it makes of an
  /// image's content. A random order of the clusters, in which each image takes the one that lies as many places further on
  /// as the largest cluster has images. Nil where that cluster has more than half of the images.
  public func otherImages() -> [Int]? {
    var random = RandomStream(seed: 0, .otherPhotos)
    var order = Array(0..<count)
    random.shuffle(&order)
    var members = [[Int]](repeating: [], count: count)
    for (image, cluster) in ofImage.enumerated() { members[cluster].append(image) }
    let line = order.flatMap { members[$0] }
    let step = members.map(\.count).max() ?? 0
    guard step > 0, 2 * step <= line.count else { return nil }
    var others = line
    for (place, image) in line.enumerated() { others[image] = line[(place + step) % line.count] }
    return others
  }
}
