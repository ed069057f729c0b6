public import Batching
internal import FoundationEssentials

/// What went into a prepared data set, what was left out and why: `report.json`. It holds no times and no paths of this
/// machine, so that the same source gives the same report.
public struct PreparationReport: Codable, Equatable, Sendable {
  /// A caption file of the source.
  public struct CaptionSource: Codable, Equatable, Sendable {
    public var file: String
    public var layout: String
    /// Rows or sentences, the unfit ones included.
    public var rows: Int
    /// Whether it says the same about every photo that both files name as the file that was taken; nil for that itself.
    public var agrees: Bool?
    /// Where it differs, in words.
    public var difference: String?
    /// How the file that was taken was understood.
    public var reading: CaptionReading?
  }

  /// One split of the result.
  public struct Split: Codable, Equatable, Sendable {
    public var name: String
    public var photos: Int
    public var captions: Int
    /// Every column that its photos have.
    public var columns: [ColumnCount]
  }

  /// A group whose photos are in more than one split.
  public struct DividedGroup: Codable, Equatable, Sendable {
    /// Photos of the group in one split.
    public struct Part: Codable, Equatable, Sendable {
      public var name: String
      public var photos: Int
    }

    public var group: String
    public var splits: [Part]
  }

  /// How many photos have this many captions.
  public struct CaptionCount: Codable, Equatable, Sendable {
    public var captions: Int
    public var photos: Int
  }

  /// Photos with the same bytes.
  public struct Duplicates: Codable, Equatable, Sendable {
    public var photos: [String]
    /// The splits they are in; more than one is a leak.
    public var splits: [String]
    /// Where each lies in the source.
    public var files: [String]
    /// The split of each.
    public var photoSplits: [String]

    enum CodingKeys: String, CodingKey {
      case photos, splits, files
      case photoSplits = "photo_splits"
    }
  }

  /// How many problems of one kind there are.
  public struct ProblemCount: Codable, Equatable, Sendable {
    public var kind: Problem.Kind
    public var count: Int
  }

  /// Labelled image–text pairs.
  public struct Pairs: Codable, Equatable, Sendable {
    public var file: String
    /// Rows, those included that are unfit or whose photo is not in the set.
    public var rows: Int
    public var matching: Int
    public var notMatching: Int

    enum CodingKeys: String, CodingKey {
      case file, rows, matching
      case notMatching = "not_matching"
    }
  }

  public var name: String
  public var source: String
  public var sourceDigest: String?
  public var licence: String?
  /// The caption file that was taken, then the others.
  public var captionSources: [CaptionSource] = []
  /// The files that speak of other columns.
  public var columnSources: [CaptionSource] = []
  /// What decided the splits, in words.
  public var splitSource = ""
  public var splits: [Split] = []
  /// Photos in the source, whether named in the caption file or not.
  public var photosFound = 0
  /// Photos that the caption or split files leave out on purpose: whole, but not part of the set.
  public var photosNotListed = 0
  public var captionCounts: [CaptionCount] = []
  public var duplicates: [Duplicates] = []
  /// Groups of duplicates that are in more than one split.
  public var leaks = 0
  /// The first 10,000 groups whose photos are in more than one split, and how many there are.
  public var dividedGroups: [DividedGroup] = []
  public var dividedGroupCount = 0
  public var pairs: Pairs?
  /// Where the tokenizer comes from, in words.
  public var tokenizer = ""
  public var problemCount = 0
  public var problemCounts: [ProblemCount] = []
  /// The first 10,000 of them, in the order in which they were found.
  public var problems: [Problem] = []
  /// Photos that are in the set although they are damaged; what is missing of them is grey.
  public var acceptedDamage: [Problem] = []
  /// What is not in the set beside photos and rows with problems, in words.
  public var alsoLeftOut: [String] = []
  /// Files of the source that are neither photos nor what was taken about them, and why.
  public var passedOver: [String] = []
  /// What is worth knowing, and no error.
  public var notes: [String] = []
  /// What a reader should not miss, and still no error: leaks, numbers that differ from the known ones.
  public var warnings: [String] = []
  /// The numbers the set is known for, beside those that were found.
  public var expectations: [Expectation] = []

  /// Problems and duplicates beyond this many are counted, but not listed.
  static let listLimit = 10_000

  init(name: String, source: String) {
    self.name = name
    self.source = source
  }

  enum CodingKeys: String, CodingKey {
    case name, source, licence, splits, duplicates, leaks, pairs, tokenizer, problems, notes, warnings, expectations
    case sourceDigest = "source_sha256"
    case captionSources = "caption_sources"
    case columnSources = "column_sources"
    case dividedGroups = "divided_groups"
    case dividedGroupCount = "divided_group_count"
    case splitSource = "split_source"
    case photosFound = "photos_found"
    case photosNotListed = "photos_not_listed"
    case captionCounts = "caption_counts"
    case passedOver = "passed_over"
    case alsoLeftOut = "also_left_out"
    case problemCount = "problem_count"
    case problemCounts = "problem_counts"
    case acceptedDamage = "accepted_damage"
  }

  /// `report.json`: keys sorted, so that equal reports are equal bytes.
  public func json() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    return Array(try encoder.encode(self)) + [0x0A]
  }

  /// Takes the problems in.
  mutating func list(_ found: [Problem]) {
    problemCount = found.count
    problems = Array(found.prefix(Self.listLimit))
    problemCounts = Problem.Kind.allCases.compactMap { kind in
      let count = found.count { $0.kind == kind }
      return count == 0 ? nil : ProblemCount(kind: kind, count: count)
    }
  }
}
