/// What a known data set is known to hold. Copies differ, and small extracts are in use, so a difference is said and
/// shown, but is no error.
public struct DataSetExpectations: Codable, Equatable, Sendable {
  /// How many photos a split has.
  public struct Split: Codable, Equatable, Sendable {
    public var name: String
    public var photos: Int

    /// - Parameter name: `train`, `validation`, `test`, or a word for one of them.
    public init(name: String, photos: Int) {
      self.name = name
      self.photos = photos
    }
  }

  /// Photos in the source, those included that are in no split.
  public var photos: Int?
  /// Captions of all these photos.
  public var captions: Int?
  public var captionsPerPhoto: Int?
  public var splits: [Split]

  public init(photos: Int? = nil, captions: Int? = nil, captionsPerPhoto: Int? = nil, splits: [Split] = []) {
    self.photos = photos
    self.captions = captions
    self.captionsPerPhoto = captionsPerPhoto
    self.splits = splits
  }
}

/// A number that was expected, and the one that was found.
public struct Expectation: Codable, Equatable, Sendable {
  /// How the two compare; the raw values are those of `report.json`.
  public enum Verdict: String, Codable, Sendable {
    case asExpected = "as_expected"
    case fewer, more
  }

  /// What is counted, in words: `photos`, `captions`, `photos in train`.
  public var what: String
  public var expected: Int
  public var found: Int

  public var verdict: Verdict { found == expected ? .asExpected : found < expected ? .fewer : .more }

  enum CodingKeys: String, CodingKey { case what, expected, found }
}
