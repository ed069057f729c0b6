internal import Batching
internal import Collectives
internal import Configuration
internal import Layers
internal import Models
internal import Objectives
internal import Reporting
internal import Tasks
internal import TensorEngine

/// Fits what standardises a locked tower's pooled features to the split that is trained on: photos as they are, without
/// augmentation, and all captions. From kept states where there are some, else from a pass over the split. Collective; each
/// rank sums all features in the split's order, so that any number of ranks finds the same bits.
struct FeatureStatistics {
  let setup: RunSetup
  let locked: LockedTowers
  let threads: Int

  /// - Returns: a sentence for each tower. Where somebody asks to stop, statistics are left as they were: no step is done.
  func callAsFunction(_ output: ProgressOutput) throws -> [String] {
    guard let model = setup.model as? any FeatureModel else { return [] }
    return try Modality.allCases.compactMap { modality in
      guard let standardization = model.standardizations[modality] else { return nil }
      guard let tower = locked[modality] ?? LockedTower(modality, setup) else {
        preconditionFailure("\(modality.towerName) is trained, which the plan refuses")
      }
      var moments = FeatureMoments(width: standardization.mean.count)
      guard try add(tower, model, to: &moments, output) else { return nil }
      setup.arena.set(standardization.mean, to: moments.mean)
      setup.arena.set(standardization.scale, to: moments.scale)
      return "features of \(modality.towerName) are standardised by those of the \(moments.count) "
        + "\(modality.segmentName)s of \(setup.configuration.data.split)"
    }
  }

  /// - Returns: false where somebody asked to stop.
  private func add(
    _ tower: LockedTower, _ model: any FeatureModel, to moments: inout FeatureMoments, _ output: ProgressOutput
  ) throws -> Bool {
    guard let kept = tower.kept else { return try addPass(of: tower, model, to: &moments, output) }
    // In the chunks of a pass, so that features come out the same to the bit.
    for first in stride(from: 0, to: kept.about.samples, by: StatesPass.chunk) {
      let segments = kept.segments(of: first..<min(first + StatesPass.chunk, kept.about.samples))
      moments.add(features(kept.encoding(segments, setup.engine), tower.modality, model))
    }
    return true
  }

  private func addPass(
    of tower: LockedTower, _ model: any FeatureModel, to moments: inout FeatureMoments, _ output: ProgressOutput
  ) throws -> Bool {
    let (communicator, split) = (setup.communicator, setup.configuration.data.split)
    let loader = try DealtLoader(
      dataSet: setup.dataSet, split: split, columns: tower.columns,
      photosMayBeAbsent: setup.task.lacking.contains(.image), tokenizer: setup.tokenizer,
      contextLength: setup.model.description.texts.contextLength,
      regionLimits: setup.model.description.images.regionLimits, preprocessing: setup.preprocessing, clips: setup.clips,
      chunk: StatesPass.chunk, rank: communicator.rank, ranks: communicator.size,
      workers: setup.configuration.data.workers ?? max(1, threads / 2))
    let progress = ProgressReporter(
      title: "measuring the features of the \(tower.modality.segmentName)s of \(split)",
      unit: tower.modality == .audio ? tower.modality.segmentName : "photo",
      total: loader.totalCount, output: communicator.rank == 0 ? output : .silent)
    for round in 0..<loader.rounds {
      if try communicator.any(StopRequest.urgency != .none, "request to stop") { return false }
      let own = try loader.next().map { features(tower.encoding(of: $0, tower.tokens), tower.modality, model) } ?? []
      moments.add(try gatherOverRanks(own, communicator, "features of \(tower.modality.towerName)"))
      progress.update(completed: min(loader.totalCount, (round + 1) * communicator.size * StatesPass.chunk))
    }
    return true
  }

  /// The pooled features [N, W], row after row.
  private func features(_ encoding: Encoding, _ modality: Modality, _ model: any FeatureModel) -> [Float] {
    let tape = Tape(setup.engine, recording: false)
    return switch modality {
    case .image, .audio: model.imageEncoder.pooled(encoding, tape).values()
    case .text: model.textEncoder.pooled(encoding, tape).values()
    }
  }
}

extension ParameterArena {
  fileprivate func set(_ parameter: Parameter, to values: [Float]) {
    _ = weights(of: parameter.slices[0]).update(from: values)
  }
}
