package import Batching
package import Evaluation
package import Objectives

extension PreparedDataSet {
  /// Which photos of a split are no independent evidence: those of one group, where the set has groups, and those with equal
  /// bytes.
  /// - Parameter grouping: what groups are to be compared; where they are the set's own, each is taken for itself, and photos with equal
  ///   bytes are all that goes together.
  package func clusters(ofSplit split: String, comparing grouping: Grouping? = nil) throws -> ImageClusters {
    let samples = try samples(split: split)
    guard grouping?.columns.contains(.group) != true,
      try columnCounts(split: split).contains(where: { $0.column == .group })
    else {
      return ImageClusters(samples.map(\.imageIdentity))
    }
    return ImageClusters(
      try samples.map { sample in
        try columns([.group], of: sample).columns.group.map(Cluster.group) ?? .photo(sample.imageIdentity)
      })
  }
}

private enum Cluster: Hashable {
  case group(String)
  case photo(UInt64)
}
