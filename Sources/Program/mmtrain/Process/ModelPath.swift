internal import Collectives
internal import Files
internal import Hub
internal import Launching
internal import Reporting
internal import Training

/// The directory or file that the name of a model means: a path, `RUN/best`, or one on the hub, which is fetched where the cache
/// does not have it.
func modelPath(
  _ name: String, output: ProgressOutput = .standardError(environment: environmentVariable)
) throws -> String {
  try resolveModel(checkpointPath(name), environment: environmentVariable, output: output)
}

/// The same on every rank. On each node one rank looks first; the others then take what its cache has and ask nobody, so
/// that a branch which moves meanwhile cannot give them another model. Collective.
func modelPath(_ name: String, _ communicator: any Communicator) throws -> String {
  let isRoot = communicator.rank == 0
  let label = "the first rank of each node looks for the model"
  _ = try withOthersWaiting(label, communicator, isMine: communicator.place.rankInNode == 0) { progress in
    try modelPath(
      name, output: progress.witnessing(isRoot ? .standardError(environment: environmentVariable) : .silent))
  }
  return try resolveModel(
    checkpointPath(name), environment: { $0 == "HF_HUB_OFFLINE" ? "1" : environmentVariable($0) }, output: .silent)
}

/// The name by which a file remembers a model: from anywhere, where it is a path.
func rememberedName(ofModel name: String) -> String {
  (try? checkpointPath(name)).flatMap(absolutePath) ?? name
}
