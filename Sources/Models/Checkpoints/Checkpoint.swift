internal import Files

/// A checkpoint directory whose DONE and every member were verified when this was made.
public struct Checkpoint: Equatable, Sendable {
  /// One file of a checkpoint.
  public struct Member: Codable, Equatable, Sendable {
    /// Relative to the checkpoint, for example `training_state/state.json`.
    public var name: String
    /// In bytes.
    public var size: Int
    /// Hexadecimal.
    public var sha256: String
  }

  /// The directory.
  public let path: String
  /// Optimizer steps taken when it was saved.
  public let step: Int
  /// Sorted by name.
  public let members: [Member]

  /// Verifies the directory, or what the link points to. Throws `CheckpointError` if anything is not as it was written.
  public init(path: String) throws {
    let directory = resolved(path)
    guard isDirectory(directory) else { throw FileError.missing(path: path) }
    let marker = try CompletionMarker(readingFrom: directory)
    try marker.verify(directory)
    self.init(path: directory, marker: marker)
  }

  init(path: String, marker: CompletionMarker) {
    self.path = path
    step = marker.step
    members = marker.members
  }

  /// Reads everything once more and compares it with what was written.
  public func verify() throws {
    let marker = try CompletionMarker(readingFrom: path)
    guard marker == CompletionMarker(step: step, members: members) else {
      throw CheckpointError.marker(path: path, problem: "it is not the one that was opened")
    }
    try marker.verify(path)
  }

  /// `model.safetensors`, or the `adapter_model.safetensors` in its place.
  public func weights() throws -> SafetensorsFile {
    let isAdapter = members.contains { $0.name == MemberName.adapter }
    return try SafetensorsFile(path: path + "/" + (isAdapter ? MemberName.adapter : MemberName.weights))
  }

  /// `average.safetensors`; nil where no average was kept.
  public func averagedWeights() throws -> SafetensorsFile? {
    guard members.contains(where: { $0.name == MemberName.averagedWeights }) else { return nil }
    return try SafetensorsFile(path: path + "/" + MemberName.averagedWeights)
  }

  /// `training_state/optimizer.safetensors`.
  public func state() throws -> SafetensorsFile { try SafetensorsFile(path: path + "/" + MemberName.state) }

  /// `training_state/state.json`.
  public func trainingState() throws -> [UInt8] { try member(MemberName.trainingState) }

  /// `config.json`.
  public func configuration() throws -> [UInt8] { try member(MemberName.configuration) }

  /// `tokenizer.json`.
  public func tokenizer() throws -> [UInt8] { try member(MemberName.tokenizer) }

  /// `preprocessor_config.json`.
  public func preprocessor() throws -> [UInt8] { try member(MemberName.preprocessor) }

  /// The bytes of a small member, by its name.
  public func member(_ name: String) throws -> [UInt8] {
    guard members.contains(where: { $0.name == name }) else {
      throw CheckpointError.member(path: path, name: name, problem: "not part of this checkpoint")
    }
    return try readFile(path + "/" + name)
  }
}

/// Where a link such as RUN/last points now: later it may point elsewhere, the checkpoint that was opened stays.
private func resolved(_ path: String) -> String {
  guard let target = linkTarget(path) else { return path }
  return target.hasPrefix("/") ? target : parentDirectory(of: path) + "/" + target
}
