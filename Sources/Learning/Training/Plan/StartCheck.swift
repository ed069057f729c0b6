internal import Batching
internal import Checkpoints
public import Configuration
internal import Files
internal import Layers
internal import Models
internal import Pretrained

/// Finds what would end a run before its first step, as far as files can tell: for `--dry-run`. Nothing is changed.
///
/// - Parameters:
///   - dataPath: the prepared data set; the built-in one may not be made yet.
///   - warn: is told of checkpoints that would be passed over.
/// - Throws: what `runTraining` would.
public func checkStart(
  _ configuration: RunConfiguration, dataPath: String, resume: ResumePolicy, options: RunOptions,
  warn: (String) -> Void
) throws {
  try checkOutputDirectory(configuration.outputDirectory)
  let store = CheckpointStore(runDirectory: configuration.outputDirectory)
  let point = try ResumePoint.find(resume, in: store, warn: warn)
  guard configuration.data.path != nil || fileExists(dataPath + "/manifest.json") else { return }
  let dataSet = try PreparedDataSet(path: dataPath)
  if let point {
    let planned = try RunPlan(configuration, dataSet).configuration
    for difference in try point.check(planned, dataSet, acceptsDataChange: options.acceptsDataChange) {
      warn("would go on otherwise than before: \(difference)")
    }
  } else if let weights = configuration.firstWeights, !isDirectory(weights) {
    // Those of a directory are checked by the plan.
    let builder = ParameterBuilder()
    let description = try RunPlan(configuration, dataSet).description
    _ = description.make(builder)
    try checkWeights(
      of: builder.parameters.flatMap(\.slices), from: weights,
      strictness: configuration.initialize.loadingStrictness(description),
      interpolatesPositions: true)
  }
}
