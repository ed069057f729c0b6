internal import Collectives
internal import Files
internal import Hub
internal import Reporting

/// The directory or file that the name of a model means; one on the hub is fetched where the cache does not have it.
func modelPath(
  _ name: String, output: ProgressOutput = .standardError(environment: environmentVariable)
) throws -> String {
  try resolveModel(name, environment: environmentVariable, output: output)
}

/// The same on every rank, rank 0 first, so that the others find in the cache what it has fetched. Collective.
func modelPath(_ name: String, _ communicator: any Communicator) throws -> String {
  if communicator.rank == 0 { _ = try modelPath(name) }
  try communicator.barrier("rank 0 looks for the model")
  return try modelPath(name, output: .silent)
}

/// The name by which a file remembers a model: from anywhere, where it is a path.
func rememberedName(ofModel name: String) -> String { absolutePath(name) ?? name }
