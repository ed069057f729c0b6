package import Batching
package import Evaluation

extension PreparedDataSet {
  /// Which photos of a split are no independent evidence: those of one group, where the set has groups, and those with equal
  /// bytes.
  package func clusters(ofSplit split: String) throws -> ImageClusters {
    let samples = try samples(split: split)
    guard try columnCounts(split: split).contains(where: { $0.column == .group }) else {
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
