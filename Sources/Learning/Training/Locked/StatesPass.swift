internal import Batching
internal import Collectives
internal import Configuration
internal import Files
internal import Models
internal import Objectives
internal import Reporting
internal import Tasks
internal import TensorEngine

/// Computes what a locked tower makes of a split, once: all ranks encode chunks in turn, and one rank of each node writes
/// them down, in the split's order on any number of ranks. Collective.
struct StatesPass {
  /// Why the states are not there.
  enum Failure: Error {
    case stopped
    /// In the words of a node that could not write.
    case unwritable(String)
  }

  static let chunk = 32
  let setup: RunSetup
  let tower: LockedTower
  let tokens: EncodedTokens
  let split: String
  let key: String
  /// Where this rank's node keeps them.
  let path: String
  let workers: Int

  private var communicator: any Communicator { setup.communicator }
  private var writes: Bool { communicator.place.rankInNode == 0 }

  func callAsFunction(_ output: ProgressOutput) throws {
    let loader = try DealtLoader(
      dataSet: setup.dataSet, split: split, columns: tower.columns,
      photosMayBeAbsent: setup.task.lacking.contains(.image), tokenizer: setup.tokenizer,
      contextLength: setup.model.description.texts.contextLength,
      regionLimits: setup.model.description.images.regionLimits, preprocessing: setup.preprocessing, clips: setup.clips,
      chunk: Self.chunk,
      rank: communicator.rank, ranks: communicator.size, workers: workers)
    let progress = ProgressReporter(
      title: "encoding the \(tower.modality.segmentName)s of \(split)",
      unit: tower.modality == .audio ? tower.modality.segmentName : "photo", total: loader.totalCount,
      output: communicator.rank == 0 ? output : .silent)
    let start = monotonicSeconds()
    var file = Attempt { writes ? try KeptStatesWriter(for: path) : nil }
    defer { file.end { $0?.abandon() } }
    for round in 0..<loader.rounds {
      try meet(file)
      let chunk = try loader.next().map { tower.states(of: $0, tokens) } ?? StatesChunk()
      let gathered = try gather(chunk)
      file.go { try $0?.append(gathered) }
      progress.update(completed: min(loader.totalCount, (round + 1) * communicator.size * Self.chunk))
    }
    file.go { try $0?.finish(key: key, seconds: monotonicSeconds() - start) }
    try meet(file)
  }

  /// All ranks go on, or none.
  private func meet(_ file: Attempt<KeptStatesWriter?>) throws {
    if try communicator.any(StopRequest.urgency != .none, "request to stop") { throw Failure.stopped }
    if let failure = file.failure, !(failure is FileError) { throw failure }
    if try communicator.any(file.failure != nil, "keeping the states of \(tower.modality.towerName)") {
      throw Failure.unwritable(file.failure.map { "\($0)" } ?? "a node could not write them; its log says why")
    }
  }

  private func gather(_ chunk: StatesChunk) throws -> StatesChunk {
    let name = "states of \(tower.modality.towerName)"
    var all = StatesChunk()
    all.states = try gatherOverRanks(chunk.states, communicator, name)
    all.lengths = try gatherOverRanks(chunk.lengths, communicator, "lengths of the " + name)
    all.pooledRows = try gatherOverRanks(chunk.pooledRows, communicator, "pooled rows of the " + name)
    all.segmentCounts = try gatherOverRanks(chunk.segmentCounts, communicator, "counts of the " + name)
    let forms = try gatherOverRanks(chunk.form, communicator, "widths of the " + name)
    all.form =
      stride(from: 0, to: forms.count, by: 2).map { [forms[$0], forms[$0 + 1]] }.first { $0[0] > 0 } ?? [0, 0]
    return all
  }
}

/// Work that one rank tries while all wait to hear of it.
private struct Attempt<Value> {
  private var value: Value?
  private(set) var failure: (any Error)?

  init(_ make: () throws -> Value) {
    do { value = try make() } catch { failure = error }
  }

  /// Goes on, unless it has failed before.
  mutating func go(_ work: (inout Value) throws -> Void) {
    guard failure == nil, var current = value else { return }
    do { try work(&current) } catch { failure = error }
    value = current
  }

  /// Whether it has failed or not; what is whole by now stays.
  mutating func end(_ work: (inout Value) -> Void) {
    if var current = value { work(&current) }
    value = nil
  }
}
