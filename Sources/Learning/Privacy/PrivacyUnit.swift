public import Batching

/// Whose presence in the data a guarantee hides.
public enum PrivacyUnit: String, CaseIterable, Codable, Sendable {
  /// A photo with all that belongs to it, its captions, questions and labels; of samples with equal photos all of them.
  case image
  /// All samples of one `group`: a patient, a photographer.
  case group
}

/// The units of a split: the samples of each, by their places in the split. A step draws units, and takes one sample of each.
public struct PrivateUnits: Equatable, Sendable {
  /// In the order in which their first samples come; none is empty, and each sample is in one.
  public let members: [[Int]]
  /// Samples that are of no group, where groups are the units: those with equal photos are one.
  public let ungrouped: Int

  /// N
  public var count: Int { members.count }

  /// The samples of the unit that has the most.
  public var largest: Int { members.map(\.count).max() ?? 0 }

  /// - Throws: `BatchingError` for a split that is not there or cannot be read, or that has no groups where these are the units.
  public init(_ dataSet: PreparedDataSet, split: String, unit: PrivacyUnit) throws {
    let samples = try dataSet.samples(split: split)
    let photos = samples.map { Name.photo($0.imageIdentity) }
    guard unit == .group else {
      self.init(photos)
      return
    }
    try dataSet.require([.group], split: split)
    self.init(
      try zip(samples, photos).map { sample, photo in
        try dataSet.columns([.group], of: sample).columns.group.map { .group($0) } ?? photo
      }, ungrouped: \.isPhoto)
  }

  /// - Parameter members: no sample in two.
  package init(members: [[Int]]) { (self.members, ungrouped) = (members, 0) }

  /// What samples of one unit have in common.
  private enum Name: Hashable {
    case photo(UInt64)
    case group(String)

    var isPhoto: Bool { if case .photo = self { true } else { false } }
  }

  private init(_ names: [Name], ungrouped: (Name) -> Bool = { _ in false }) {
    var (places, members) = ([:] as [Name: Int], [[Int]]())
    for (sample, name) in names.enumerated() {
      if let place = places[name] {
        members[place].append(sample)
      } else {
        places[name] = members.count
        members.append([sample])
      }
    }
    (self.members, self.ungrouped) = (members, names.count(where: ungrouped))
  }
}
