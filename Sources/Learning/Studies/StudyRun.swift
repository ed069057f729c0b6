public import Configuration
internal import Files
internal import Reporting

/// One training of a study: a variant, or a stage that variants begin from, with the seed and the data of a block.
public struct StudyRun: Sendable {
  /// Of the variant or stage.
  public let recipe: String
  public let isStage: Bool
  public let block: StudyBlock
  /// Its folder in the study's `runs/`: the recipe, the data where there are several sets, the seed, and the beginning of `hash`, so that what
  /// is trained by another recipe never takes its place.
  public let folder: String
  public let configuration: RunConfiguration
  /// What it trains on.
  public let trainedSet: String
  /// What it is measured on; nil for a stage.
  public let measuredSet: String?
  public let measuredSplit: String
  /// The folder of the run whose weights it begins with.
  public let stage: String?
  public let size: StudySize
  /// SHA-256 of all that decides what its figures are: the configuration, the data, the weights that it begins with, what is measured.
  public let hash: String
}

/// What a training takes, computed before it begins.
public struct StudySize: Sendable, Equatable {
  public var steps = 0
  public var samples = 0
  /// Multiplications and additions.
  public var operations = 0.0
  public var parameters = 0
  /// Of them those that are learnt.
  public var trained = 0

  /// With what was trained before it to begin from; parameters are its own.
  func adding(_ stage: StudySize?) -> StudySize {
    guard let stage else { return self }
    var sum = self
    sum.steps += stage.steps
    sum.samples += stage.samples
    sum.operations += stage.operations
    return sum
  }

  /// Nil for what is no number.
  public func count(of budget: StudyBudget) -> Double? {
    switch budget {
    case .operations: operations
    case .parameters: Double(parameters)
    case .trained: Double(trained)
    case .samples: Double(samples)
    case .data: nil
    }
  }
}

extension StudyRun {
  /// The same trained otherwise, somewhere else.
  public init(_ run: StudyRun, _ configuration: RunConfiguration) {
    (recipe, isStage, block, folder) = (run.recipe, run.isStage, run.block, run.folder)
    self.configuration = configuration
    (trainedSet, measuredSet, measuredSplit) = (run.trainedSet, run.measuredSet, run.measuredSplit)
    (stage, size, hash) = (run.stage, run.size, run.hash)
  }
}

/// What the study in a directory is called; nil where there is none.
public func keptStudyName(in directory: String) throws -> String? {
  let path = directory + "/plan.yaml"
  guard fileExists(path) else { return nil }
  return try StudyPlan(path: path).name
}
