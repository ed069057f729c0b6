public import Batching
public import Inference
internal import Layers
internal import Models
internal import Pretrained
internal import Reporting
internal import Tasks

/// Says where what a model on disk tells of samples of a split comes from: how well a photo and a text fit, or what its task has it tell of
/// both together.
public final class SplitExplainer {
  private let loaded: LoadedModel
  private let head: (any TaskHead)?

  /// - Throws: as `LoadedModel`.
  public init(path: String, threads: Int, spins: Bool = true) throws {
    let directory = try ModelDirectory(path: path)
    let task = try TaskCatalogue.task(ofModelIn: directory.path)
    var head: (any TaskHead)?
    loaded = try LoadedModel(directory, threads: threads, spins: spins) {
      head = try task.makeHead(on: $0, $1[taskHeadPrefix])
    }
    self.head = head
  }

  /// - Parameters:
  ///   - place: of the photo.
  ///   - number: of what is told of the two; nil for how well they fit.
  /// - Throws: `ApartError` where no attention leads from what is told to image and text; as `LoadedModel.explain`.
  public func explain(
    _ photos: any PhotoCollection, at place: Int, _ text: String, telling number: Int?, _ settings: ExplanationSettings
  ) throws -> Explanation {
    guard let number else { return try loaded.explain(photos, at: place, text, settings) }
    guard let scorer = head?.scorer(telling: number, on: loaded.model) else {
      throw ApartError(model: loaded.directory.description.name)
    }
    return try loaded.explain(photos, at: place, text, settings, scorer: scorer)
  }
}

/// Nothing leads from what a model tells to image and text together.
struct ApartError: ReportableError {
  let model: String

  var description: String {
    "image and text do not meet in what this \(model) tells by, so no attention leads from there to both"
  }
  var exitCode: ExitCode { .configuration }
}
