internal import Files

/// Everything that a checkpoint holds, as bytes and named arrays: this room knows no model, optimizer or sampler.
public struct CheckpointContents {
  /// `config.json`: the architecture, in Hugging Face form.
  public var configuration: [UInt8]
  /// `tokenizer.json`.
  public var tokenizer: [UInt8]
  /// `preprocessor_config.json`.
  public var preprocessor: [UInt8]
  /// `README.md`: the model card.
  public var modelCard: [UInt8]
  /// Further small files of the Hugging Face layout by name, for example `tokenizer_config.json`. Names consist of
  /// letters, digits, `.`, `_`, `-` and `/`, and start with none of the last four.
  public var furtherFiles: [(name: String, bytes: [UInt8])]
  /// `model.safetensors`: the weights by their Hugging Face names.
  public var weights: [NamedTensor]
  /// `adapter_model.safetensors`, which then stands in the place of `model.safetensors`; nil where the weights are whole.
  public var adapter: AdapterWeights?
  /// `average.safetensors`: the same arrays averaged over the updates; nil where no average is kept.
  public var averagedWeights: [NamedTensor]?
  /// `training_state/optimizer.safetensors`: arrays needed to go on, for example moments.
  public var state: [NamedTensor]
  /// What is said of the weights in their files' `__metadata__`, beside what readers expect there.
  public var metadata: [(String, String)] = []
  /// `training_state/state.json`: position, seeds, counters, configuration; JSON of the caller's making.
  public var trainingState: [UInt8]

  /// Contents of the given parts; names of further files are checked when they are written.
  public init(
    configuration: [UInt8], tokenizer: [UInt8], preprocessor: [UInt8], modelCard: [UInt8],
    furtherFiles: [(name: String, bytes: [UInt8])] = [], weights: [NamedTensor],
    averagedWeights: [NamedTensor]? = nil, state: [NamedTensor], trainingState: [UInt8]
  ) {
    self.configuration = configuration
    self.tokenizer = tokenizer
    self.preprocessor = preprocessor
    self.modelCard = modelCard
    self.furtherFiles = furtherFiles
    self.weights = weights
    self.averagedWeights = averagedWeights
    self.state = state
    self.trainingState = trainingState
  }

  /// Writes all members but DONE, each durable, and says what they are.
  func write(to staging: String) throws -> [Checkpoint.Member] {
    var members: [Checkpoint.Member] = []
    let files =
      [
        (MemberName.configuration, configuration), (MemberName.tokenizer, tokenizer),
        (MemberName.preprocessor, preprocessor), (MemberName.modelCard, modelCard),
        (MemberName.trainingState, trainingState),
      ] + furtherFiles.map { ($0.name, $0.bytes) }
    for (name, bytes) in files {
      precondition(isPlainRelativePath(name), "\(name) is no name for a member of a checkpoint")
      members.append(try writeMember(name, in: staging) { sink in try bytes.withUnsafeBytes { try sink($0) } })
    }
    let format = [("format", "pt")]
    let arrays =
      [
        adapter.map { (MemberName.adapter, $0.tensors, $0.metadata + metadata) }
          ?? (MemberName.weights, weights, format + metadata)
      ]
      + (averagedWeights.map { [(MemberName.averagedWeights, $0, format + metadata)] } ?? [])
      + [(MemberName.state, state, format)]
    for (name, tensors, metadata) in arrays {
      members.append(
        try writeMember(name, in: staging) { sink in try emitSafetensors(tensors, metadata: metadata, to: sink) })
    }
    return members
  }
}

/// What an adapter's file holds: weights that mean something together with a model that lies elsewhere.
public struct AdapterWeights {
  public var tensors: [NamedTensor]
  public var metadata: [(String, String)]

  public init(tensors: [NamedTensor], metadata: [(String, String)]) {
    (self.tensors, self.metadata) = (tensors, metadata)
  }
}

/// The names within a checkpoint directory.
enum MemberName {
  static let configuration = "config.json"
  static let tokenizer = "tokenizer.json"
  static let preprocessor = "preprocessor_config.json"
  static let modelCard = "README.md"
  static let weights = "model.safetensors"
  static let adapter = "adapter_model.safetensors"
  static let averagedWeights = "average.safetensors"
  static let state = "training_state/optimizer.safetensors"
  static let trainingState = "training_state/state.json"
}

/// A number with leading zeros; longer ones stay as they are.
func padded(_ number: Int, to width: Int) -> String {
  let digits = String(number)
  return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

private func writeMember(
  _ name: String, in staging: String, _ body: ((UnsafeRawBufferPointer) throws -> Void) throws -> Void
) throws -> Checkpoint.Member {
  var writer = try MemberWriter(name, in: staging)
  do {
    try body { bytes in try writer.write(bytes) }
    return try writer.finish()
  } catch {
    writer.abandon()
    throw error
  }
}
