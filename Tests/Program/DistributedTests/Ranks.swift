import TestSupport

/// So many ranks of the built program, on one node or on several.
struct Ranks: Sendable, CustomStringConvertible {
  let count: Int
  /// The ranks are divided into simulated nodes of this many, which meet through MPI rather than shared memory.
  let nodeSize: Int?

  init(_ count: Int, nodeSize: Int? = nil) { (self.count, self.nodeSize) = (count, nodeSize) }

  var nodes: Int { nodeSize.map { (count + $0 - 1) / $0 } ?? 1 }

  var description: String { "\(count) rank(s), \(nodes) node(s)" }

  /// Starts mmtrain: by itself for one rank, under mpirun for several.
  ///
  /// - Parameter shell: runs in `sh` on each rank, in place of mmtrain. `"$@"` is the command to run there, and
  ///   `$OMPI_COMM_WORLD_RANK` the rank.
  func start(
    _ arguments: [String], shell: String? = nil, environment: [String: String] = [:]
  ) throws -> RunningProcess {
    let launcher = count == 1 ? [] : ["mpirun", "-n", String(count), "--oversubscribe", "--bind-to", "none"]
    let wrapper = shell.map { ["sh", "-c", $0, "sh"] } ?? []
    var variables = [
      "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
      "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1",
    ]
    if let nodeSize { variables["MMTRAIN_NODE_SIZE"] = String(nodeSize) }
    return try RunningProcess(
      "/usr/bin/env", launcher + wrapper + [builtProgram] + arguments,
      environment: variables.merging(environment) { $1 })
  }

  /// Runs mmtrain to its end.
  func run(_ arguments: [String], shell: String? = nil, environment: [String: String] = [:]) throws -> ProcessResult {
    try start(arguments, shell: shell, environment: environment).wait()
  }
}
