internal import Files
internal import Preparation
internal import Reporting
internal import Scenes

/// The name of the data set that is drawn.
let scenesName = "scenes"

/// Renders the built-in scenes as a zip and prepares that like any archive.
@discardableResult
func prepareScenes(output: String, threads: Int, progress: ProgressOutput) throws -> PreparationReport {
  let zip = output + ".zip"
  let reporter = ProgressReporter(title: "rendering", unit: "scene", total: nil, output: progress)
  try makeDirectory(parentDirectory(of: zip))
  try writeScenes(to: zip, settings: SceneSettings()) { done, total in
    reporter.update(completed: done, of: total)
  }
  reporter.finish()
  var request = PreparationRequest(source: .archive(path: zip), output: output, threads: threads)
  request.name = scenesName
  request.tokenizer = .train(vocabularySize: 1024)
  request.licence = scenesLicence
  let report = try prepareWithProgress(request, progress)
  try removeTree(zip)
  return report
}

/// Under which terms the scenes may be used.
let scenesLicence = "made by mmtrain, free of rights"

/// Prepares, and shows how far it is.
func prepareWithProgress(_ request: PreparationRequest, _ output: ProgressOutput) throws -> PreparationReport {
  var reporter: ProgressReporter?
  var stage: PreparationProgress.Stage?
  let report = try prepare(request) { step in
    if step.stage != stage {
      reporter?.finish()
      stage = step.stage
      let unit = step.unit
      let next = ProgressReporter(title: step.title, unit: unit ?? "", total: step.total, output: output)
      if unit == nil { next.note(step.title) }
      reporter = unit == nil ? nil : next
    }
    reporter?.update(completed: step.done)
  }
  reporter?.finish()
  return report
}
