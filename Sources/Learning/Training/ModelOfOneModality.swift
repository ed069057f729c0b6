internal import Configuration
internal import Files
internal import FoundationEssentials
internal import Models
internal import Pretrained
internal import Reporting
internal import Tasks

/// A model that was trained to tell what another one tells, from one modality alone.
struct ModelOfOneModality {
  let directory: ModelDirectory
  let task: any Task
  let modality: Modality
  /// What makes the comparison less than fair.
  private(set) var remarks: [String] = []

  /// - Throws: `BesideError` for one that looks at more, tells something else, or was trained on other data.
  init(path: String, beside full: ModelDirectory, _ fullTask: any Task) throws {
    directory = try ModelDirectory(path: path)
    task = try TaskCatalogue.task(ofModelIn: directory.path)
    guard task.modalities.count == 1, let only = task.modalities.first else {
      throw BesideError(path: path, reason: "it does not look at one modality alone")
    }
    guard fullTask.isComparable(with: task) else {
      throw BesideError(path: path, reason: "it was trained to tell something else, or from another column")
    }
    guard fullTask.modalities.contains(only) else {
      throw BesideError(path: path, reason: "the model of --checkpoint does not look at its \(only.rawValue)")
    }
    modality = only
    guard let own = try Budget(of: directory.path), let other = try Budget(of: full.path) else {
      remarks = ["how long \(printable(path)) was trained is not known, or not for the model of --checkpoint"]
      return
    }
    guard own.data == other.data else { throw BesideError(path: path, reason: "it was trained on other data") }
    if own.samples != other.samples {
      remarks = [
        "\(printable(path)) has seen \(own.samples) samples in training, the model of --checkpoint \(other.samples): not the same budget"
      ]
    }
  }

  var name: String { "\(modality.rawValue) alone" }
}

/// What a checkpoint says of its training.
private struct Budget {
  let data: String
  let samples: Int

  /// Nil where it says nothing, as models from elsewhere.
  init?(of directory: String) throws {
    let path = directory + "/training_state/state.json"
    guard fileExists(path) else { return nil }
    let state = try TrainingState(json: readFile(path, limit: 64 << 20))
    let configuration = try RunConfiguration(yaml: state.configuration, name: path)
    (data, samples) = (state.dataFingerprint, state.step * configuration.batch.global)
  }
}

/// A model that cannot stand beside another.
struct BesideError: ReportableError {
  let path: String
  let reason: String

  var description: String {
    "\(printable(path)) cannot stand beside the model of --checkpoint: \(reason); give models that were trained on the same data to tell "
      + "the same from the image alone or the text alone"
  }
  var exitCode: ExitCode { .configuration }
}
