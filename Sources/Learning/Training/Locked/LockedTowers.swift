internal import Batching
internal import Collectives
internal import Configuration
internal import Files
internal import Images
internal import Models
internal import Objectives
internal import Reporting
internal import Tasks
internal import TensorEngine

/// The towers of a run whose states are computed once, kept in the run directory and read instead; and those of which that
/// cannot be, with the reason.
struct LockedTowers {
  private(set) var image: LockedTower?
  private(set) var text: LockedTower?
  /// What became of each locked tower, for people and for `metrics.jsonl`.
  private(set) var reports: [Report] = []
  private let setup: RunSetup
  private let directory: String

  struct Report {
    let sentence: String
    let members: [(String, OrderedJSON)]
  }

  /// What a split is read for, and how often.
  private struct Use {
    let split: String
    let tokens: EncodedTokens
    /// Photos, or captions, that will be read; with an evaluation all of a split each time.
    let reads: (_ segments: Int) -> Int
    let isTraining: Bool
  }

  /// Collective.
  /// - Parameters:
  ///   - steps: that are still to be done.
  ///   - evaluations: likewise.
  init(
    _ setup: RunSetup, steps: Int, evaluations: Int, threads: Int, output: ProgressOutput
  ) throws {
    self.setup = setup
    directory = setup.configuration.outputDirectory + "/cache"
    let configuration = setup.configuration
    let joins = setup.model is any JointModel
    for modality in Modality.allCases {
      guard modality.taskColumns.contains(where: setup.task.columns.contains), let tower = LockedTower(modality, setup)
      else { continue }
      let shapes = setup.model.description.inputs
      let beside = shapes.clips == nil ? nil : "samples of three modalities may lack any"
      if let reason = beside
        ?? configuration.reasonForChangingStates(
          modality, shapes.images, hiding: setup.trained.objective.hidingName)
      {
        report(modality, configuration.data.split, not: reason)
        continue
      }
      if modality == .text { text = tower } else { image = tower }
      let training = Use(
        split: configuration.data.split, tokens: tower.tokens, reads: { _ in steps * configuration.batch.global },
        isTraining: true)
      tower.kept = try keep(tower, training, threads: threads, output)
      guard setup.dataSet.manifest.splits.contains(where: { $0.name == configuration.evaluation.split }) else {
        continue
      }
      let evaluation = Use(
        split: configuration.evaluation.split, tokens: joins ? .all : .pooled, reads: { evaluations * $0 },
        isTraining: false)
      tower.keptForEvaluation = try keep(tower, evaluation, threads: threads, output)
    }
  }

  subscript(modality: Modality) -> LockedTower? {
    modality == .text ? text : image.flatMap { $0.modality == modality ? $0 : nil }
  }

  /// The columns that batches must still have, for a task that reads these: no photos where what their tower makes of them is
  /// kept.
  func unread(_ columns: ColumnSet) -> ColumnSet {
    let images = setup.model.description.images
    return image?.kept == nil ? columns.seen(as: images) : columns.unseen(as: images)
  }

  /// What is known of a batch's states; nil for towers that are trained, or see an augmented input.
  func states(of batch: Batch, _ images: ImageInput, _ text: PackedText) -> (images: Encoding?, texts: Encoding?) {
    (image?.states(of: batch, images, text), self.text?.states(of: batch, images, text))
  }

  /// What a person may want to know at the end.
  var savings: String {
    savedSeconds > 0 ? ", about \(durationText(savedSeconds)) saved by kept states" : ""
  }

  /// Seconds that computing all that was read would have taken.
  private var savedSeconds: Double {
    [image?.kept, image?.keptForEvaluation, text?.kept, text?.keptForEvaluation].compactMap { $0 }.reduce(0) {
      $0 + Double($1.reads) * $1.about.seconds / Double(max(1, $1.about.segments))
    }
  }

  /// Removes what a process that died had not kept yet.
  static func sweep(_ runDirectory: String, holding lock: DirectoryLock) throws -> [SweptTemporary] {
    try sweepTemporaries(in: runDirectory + "/cache", holding: lock)
  }

  /// Once the run is complete, which needs them no more.
  func remove() {
    guard setup.communicator.place.rankInNode == 0, isDirectory(directory) else { return }
    // What cannot be removed takes room and does no other harm.
    try? discardTree(directory)
  }

  // MARK: Keeping states

  /// - Returns: nil where they are not kept.
  private mutating func keep(
    _ tower: LockedTower, _ use: Use, threads: Int, _ output: ProgressOutput
  ) throws -> KeptStates? {
    let segments = try segmentCount(tower.modality, use.split)
    let bytes = segments * tower.bytesOfSegment(use.tokens)
    if let reason = try reasonAgainst(tower, use, segments: segments, bytes: bytes) {
      report(tower.modality, use.split, not: reason)
      return nil
    }
    let place = setup.communicator.place
    let path = "\(directory)/\(use.split)-\(tower.modality.rawValue)" + (place.node > 0 ? "-node\(place.node)" : "")
    let key = String(
      decoding: try broadcastFromRoot(
        onRoot("naming the states of \(tower.modality.towerName)", setup.communicator) {
          try Array(StatesKey(modality: tower.modality, tokens: use.tokens, split: use.split).text(setup).utf8)
        } ?? nil, "name of kept states", setup.communicator), as: UTF8.self)
    let pass = StatesPass(
      setup: setup, tower: tower, tokens: use.tokens, split: use.split, key: key, path: path,
      workers: setup.configuration.data.workers ?? max(1, threads / 2))
    let found = try open(path, key, checking: (tower, use))
    if let states = found.states {
      report(tower.modality, use.split, states.about, segments: segments, isNew: false, note: nil)
      return states
    }
    do {
      try pass(output)
    } catch let failure as StatesPass.Failure {
      report(tower.modality, use.split, not: failure.words)
      return nil
    }
    let made = try open(path, key, checking: nil)
    guard let states = made.states else {
      report(tower.modality, use.split, not: "what was written could not be read back")
      return nil
    }
    report(tower.modality, use.split, states.about, segments: segments, isNew: true, note: found.problem?.words)
    return states
  }

  private func segmentCount(_ modality: Modality, _ split: String) throws -> Int {
    guard modality == .text else { return try setup.dataSet.samples(split: split).count(where: \.hasPhoto) }
    return setup.dataSet.manifest.splits.first { $0.name == split }?.captions ?? 0
  }

  /// Why states had better not be kept, the same on all ranks; nil where they had.
  private func reasonAgainst(_ tower: LockedTower, _ use: Use, segments: Int, bytes: Int) throws -> String? {
    let reads = use.reads(segments)
    switch setup.configuration.memory.cacheLocked {
    case .off: return "memory.cache_locked is off"
    case .on: return reads > 0 ? nil : "nothing is left to do"
    case .auto:
      guard reads > segments else {
        return "what is left of the run reads \(reads), and there are \(segments)"
      }
      var free = [Int64((try? freeSpace(in: setup.configuration.outputDirectory)) ?? .max)]
      try free.withUnsafeMutableBufferPointer { try setup.communicator.allReduce($0, .minimum, "free disk space") }
      return bytes <= free[0] / 2
        ? nil : "they would take \(bytes >> 20) MB, more than half of the \(free[0] >> 20) MB that are free"
    }
  }

  /// What this rank's node has kept, if every node has and all of it is sound. Collective.
  /// - Parameter checking: computes one segment a rank anew and compares it, where given.
  private func open(
    _ path: String, _ key: String, checking: (tower: LockedTower, use: Use)?
  ) throws -> (states: KeptStates?, problem: KeptStates.Problem?) {
    var (states, problem): (KeptStates?, KeptStates.Problem?)
    do {
      states = try KeptStates(at: path, key: key, checksDigests: setup.communicator.place.rankInNode == 0)
    } catch let error as KeptStates.Problem {
      problem = error
    } catch is FileError {
      problem = .damaged
    }
    if let states, let checking, try !isComputedAgain(states, checking.tower, checking.use) { problem = .different }
    var worst = [problem?.rawValue ?? 0]
    try worst.withUnsafeMutableBufferPointer { try setup.communicator.allReduce($0, .maximum, "state of kept states") }
    let common = KeptStates.Problem(rawValue: worst[0])
    return (common == nil ? states : nil, common)
  }

  /// Whether one photo of this rank's, or its captions, still have the states that were kept: a library may have changed in
  /// ways that nobody knows of.
  private func isComputedAgain(_ states: KeptStates, _ tower: LockedTower, _ use: Use) throws -> Bool {
    let communicator = setup.communicator
    let sample = share(of: states.about.samples, rank: communicator.rank, ranks: communicator.size).lowerBound
    guard sample < states.about.samples else { return true }
    let loader = try DealtLoader(
      dataSet: setup.dataSet, split: use.split, columns: tower.columns,
      photosMayBeAbsent: setup.task.lacking.contains(.image), tokenizer: setup.tokenizer,
      contextLength: setup.model.description.texts.contextLength,
      regionLimits: setup.model.description.images.regionLimits, preprocessing: setup.preprocessing, clips: setup.clips,
      chunk: 1,
      rank: sample, ranks: states.about.samples, workers: 0)
    guard let chunk = try loader.next(), !states.segments(of: sample..<sample + 1).isEmpty else { return true }
    let kept = states.encoding(states.segments(of: sample..<sample + 1), setup.engine)
    return StatesChunk(kept, segmentCounts: [kept.count]).states == tower.states(of: chunk, use.tokens).states
  }
}

// MARK: Words

extension RunConfiguration {
  /// Why a locked tower's states differ from step to step; nil where they do not.
  /// - Parameter objective: that hides parts of photos.
  fileprivate func reasonForChangingStates(
    _ modality: Modality, _ shape: ImageShape, hiding objective: String?
  ) -> String? {
    switch modality {
    case .image where objective != nil:
      objective.map { "\($0) hides parts of photos, others in each epoch" }
    case .audio where data.augmentation != .none, .image where data.augmentation != .none && shape.side != nil:
      "\(modality.segmentName)s are augmented, so that its states differ from epoch to epoch (data.augmentation: none would change that)"
    case .audio where data.mixUp > 0, .image where data.mixUp > 0:
      "\(modality.segmentName)s are mixed with others in each epoch (data.mixup: 0 would change that)"
    case .text where data.wordDrop > 0:
      "texts lack other words in each epoch (data.word_drop: 0 would change that)"
    case .text where model.text.drops:
      "a part of its states is dropped, another one in each step (model.text.dropout and attention_dropout: 0 would "
        + "change that)"
    default: nil
    }
  }
}

extension LockedTowers {
  private mutating func report(_ modality: Modality, _ split: String, not reason: String) {
    reports.append(
      Report(
        sentence: "\(modality.towerName) is locked, but the states of \(split) are computed each time: \(reason)",
        members: [
          ("tower", .text(modality.rawValue)), ("split", .text(split)), ("kept", .flag(false)),
          ("reason", .text(reason)),
        ]))
  }

  private mutating func report(
    _ modality: Modality, _ split: String, _ about: KeptStates.About, segments: Int, isNew: Bool, note: String?
  ) {
    let bytes = about.byteCounts.map { $0.states + $0.index } ?? 0
    let photos = Double(about.samples) / Double(max(1, about.segments)) * about.seconds
    let size = bytes < 10 << 20 ? "\(bytes >> 10) kB" : "\(bytes >> 20) MB"
    let sentence =
      "\(modality.towerName) is locked: the states of \(about.segments) \(modality.segmentName)s of \(split) "
      + (isNew ? "were computed in \(durationText(about.seconds))" : "are there from the start before")
      + (note.map { " (\($0))" } ?? "")
      + ", \(size) in \(directory); reading them saves about \(durationText(photos)) each time"
    reports.append(
      Report(
        sentence: sentence,
        members: [
          ("tower", .text(modality.rawValue)), ("split", .text(split)), ("kept", .flag(true)),
          ("computed", .flag(isNew)), ("segments", .integer(about.segments)), ("bytes", .integer(bytes)),
          ("seconds", .number((about.seconds * 1e3).rounded() / 1e3)),
        ]))
  }
}

extension StatesPass.Failure {
  fileprivate var words: String {
    switch self {
    case .stopped: "asked to stop while they were computed; they are computed when the run goes on"
    case .unwritable(let reason): "they could not be kept: \(reason)"
    }
  }
}

extension KeptStates.Problem {
  /// Nil where nothing was there, which is no news.
  fileprivate var words: String? {
    switch self {
    case .missing: nil
    case .stale: "those in the directory were of other weights, data or settings"
    case .damaged: "those in the directory were damaged"
    case .different: "those in the directory are not what is computed now"
    }
  }
}
