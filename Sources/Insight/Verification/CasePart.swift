internal import Models
internal import TensorEngine

/// What models with one capability read from a case file, and what they give to be compared.
protocol CasePart {
  /// The arrays that some of the results are computed from.
  static var inputs: [String] { get }
  /// The arrays that it computes, some for every model and some not: `output.…` and `loss.…`.
  static var results: [String] { get }
  /// Those that it computes for this model.
  var results: [String] { get }

  /// Nil where the model has not this capability.
  init?(_ model: any Model)

  /// - Parameter name: one of `results`.
  /// - Throws: `CaseError` where the inputs will not do.
  func result(_ name: String, of run: CaseRun) throws -> Tensor
  /// What a loss counts with where losses are added up; 0 for what is no loss of its own. Those that are not named count whole.
  static var weights: [String: Float] { get }
  /// What the file's sum of all losses has beyond these; nil where it has nothing.
  func addend(of run: CaseRun) throws -> Tensor?
  /// Where the rows of a result stand in an array of the file that has padding; nil where it has none.
  func slots(_ name: String, of run: CaseRun) throws -> CaseSlots?
}

extension CasePart {
  var results: [String] { Self.results }
  static var weights: [String: Float] { [:] }
  func addend(of run: CaseRun) throws -> Tensor? { nil }
  func slots(_ name: String, of run: CaseRun) throws -> CaseSlots? { nil }
}

/// The parts that there are: the only list of them.
enum CasePartCatalogue {
  static var all: [any CasePart.Type] {
    [
      FeatureCase.self, MatchingCase.self, MaskedTextCase.self, EmbeddingCase.self, JointCase.self,
      MaskedRegionCase.self, PublishedHeadCase.self, StreamCase.self, AlignmentCase.self,
      CaptionCase.self, PublishedClassCase.self,
    ]
  }
}
