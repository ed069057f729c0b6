internal import Batching
internal import Configuration
internal import Models
internal import Objectives
internal import Tasks

/// What cannot be where samples have no photo.
extension RunPlan {
  /// - Throws: `TrainingError.unsupported` for what would need a photo of each sample.
  func requireNoNeedOfEachPhoto(of dataSet: PreparedDataSet) throws {
    let hearsBeside = description.inputs.clips != nil
    let mayLackClips = hearsBeside && task.lacking.contains(.audio)
    guard try mayLackClips || task.lacking.contains(.image) && dataSet.lacksPhotos(in: configuration.data.split) else {
      return
    }
    let words =
      "some samples of \(configuration.data.split) "
      + (hearsBeside ? "may have no photo, or no clip" : "have no photo")
    if configuration.model.batchNorm == .synchronised {
      throw TrainingError.unsupported(
        key: "model.batch_norm",
        what: "\(words), so that a rank may have none to take statistics of; set it to frozen")
    }
    if let kind = ObjectiveCatalogue.all.first(where: { objective[$0.name] != 0 && !$0.readsWhatIsThere }) {
      throw TrainingError.unsupported(
        key: "objective.\(kind.name)",
        what: "\(words), and \(kind.name) looks at one of each; set it to 0, or prepare the data without these samples")
    }
  }
}

extension RunSetup {
  /// The same of a model in memory: what is dropped of a photo hangs on its place among those that are there, which ranks divide.
  func requireNoDropsOfAbsentPhotos() throws {
    guard task.lacking.contains(.image), try dataSet.lacksPhotos(in: configuration.data.split),
      let model = model as? any ImageModel, model.imageEncoder.dropsStates
    else { return }
    throw TrainingError.unsupported(
      key: "model.text.dropout",
      what:
        "some samples have no photo, and \(model.description.name) drops a part of what it reads of each; set it to 0")
  }
}

extension PreparedDataSet {
  fileprivate func lacksPhotos(in split: String) throws -> Bool { try samples(split: split).contains { !$0.hasPhoto } }
}
