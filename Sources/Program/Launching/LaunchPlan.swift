/// How `--ranks N` starts the ranks with Open MPI's mpirun.
package struct LaunchPlan: Equatable {
  /// Arguments of mpirun, without its own name.
  package let arguments: [String]
  /// Variables that mpirun itself needs.
  package let environment: [Variable]
  package let threadsPerRank: Int

  /// Whether ranks get cores of their own.
  package enum Binding {
    /// Where the ranks take all cores: those that take fewer leave it to the kernel which, as mpirun would bind two runs at
    /// once to the same ones.
    case whereAllAreTaken
    /// Never: the cores that were given to this process are not those that mpirun would choose.
    case never
    /// As a variable of Open MPI's says.
    case asSet
  }

  package struct Variable: Equatable {
    package let name: String
    package let value: String
  }

  /// - Parameters:
  ///   - threads: threads of a rank; nil divides the cores.
  ///   - cores: physical cores that this process may use.
  ///   - binding: of the ranks to cores.
  ///   - isRoot: mpirun refuses to run as root, as in a container, unless told twice.
  ///   - machines: how many machines share the ranks, all of them like this one.
  ///   - ranksHere: the most ranks that one of them has; nil where they are divided evenly.
  ///   - isWithinJob: the ranks shall use this machine's cores, whatever slots a batch job gives them.
  ///   - hostfile: names them; nil where mpirun knows them from elsewhere, or there is only this one.
  ///   - isOneOnEach: each machine gets one rank, however many slots it has.
  ///   - nodeSize: divides the ranks into simulated nodes of so many.
  ///   - exported: names of variables that ranks on other machines shall have too.
  ///   - program: what each rank runs, with its arguments.
  ///   - takesThreads: whether the program knows `--threads`.
  package init(
    ranks: Int, threads: Int?, cores: Int, binding: Binding = .whereAllAreTaken, isRoot: Bool, machines: Int = 1,
    ranksHere: Int? = nil, hostfile: String? = nil, isWithinJob: Bool = false, nodeSize: Int? = nil,
    isOneOnEach: Bool = false, exported: [String] = [], program: [String], takesThreads: Bool = true
  ) {
    let ranksHere = ranksHere ?? (ranks + machines - 1) / machines
    threadsPerRank = threads ?? max(1, cores / ranksHere)
    var arguments = ["-n", String(ranks)] + (hostfile.map { ["--hostfile", $0] } ?? [])
    // mpirun would take a job of one task, the most usual form, for a machine with room for one rank.
    if isWithinJob { arguments += ["--mca", "ras", "^slurm", "--mca", "plm", "^slurm"] }
    if isOneOnEach { arguments += ["--map-by", "node"] }
    let taken = ranksHere * threadsPerRank
    if ranksHere > cores { arguments += ["--oversubscribe"] }
    switch binding {
    case .asSet: break
    case .whereAllAreTaken where taken <= cores && taken + ranksHere > cores:
      // Each rank gets cores of its own; mpirun's default would pin all threads of a rank to one core.
      arguments += ["--map-by", "slot:PE=\(threadsPerRank)", "--bind-to", "core"]
    case .whereAllAreTaken, .never: arguments += ["--bind-to", "none"]
    }
    for name in ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"] { arguments += ["-x", "\(name)=\(threadsPerRank)"] }
    for name in exported { arguments += ["-x", name] }
    if let nodeSize { arguments += ["-x", "MMTRAIN_NODE_SIZE=\(nodeSize)"] }
    self.arguments = arguments + program + (takesThreads ? ["--threads", String(threadsPerRank)] : [])
    environment =
      isRoot
      ? ["OMPI_ALLOW_RUN_AS_ROOT", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"].map { Variable(name: $0, value: "1") } : []
  }

  /// The command as a person could type it into a shell.
  package func commandLine(mpirun: String) -> String {
    (environment.map { "\($0.name)=\($0.value)" } + ([mpirun] + arguments).map(shellWord)).joined(separator: " ")
  }
}

/// What to say when threads outnumber cores, or nil.
package func oversubscriptionWarning(ranks: Int, threads: Int, cores: Int) -> String? {
  guard ranks * threads > cores else { return nil }
  return "\(ranks) rank\(ranks == 1 ? "" : "s") of \(threads) thread\(threads == 1 ? "" : "s") share "
    + "\(cores) core\(cores == 1 ? "" : "s") and wait for each other; use at most \(cores) in all"
}

/// Arguments for the ranks: what this process was given, without what only the launch needs.
/// - Parameter isRestart: leaves out `--resume` too, so that the run goes on from its own newest checkpoint.
package func argumentsForRanks(_ arguments: [String], isRestart: Bool = false) -> [String] {
  let ours = ["--ranks", "--threads", "--restarts", "--hostfile"] + (isRestart ? ["--resume"] : [])
  var kept: [String] = []
  var skipsNext = false
  for argument in arguments {
    if skipsNext {
      skipsNext = false
    } else if ours.contains(argument) {
      skipsNext = true
    } else if !["--dry-run", "--json"].contains(argument), !ours.contains(where: { argument.hasPrefix($0 + "=") }) {
      kept.append(argument)
    }
  }
  return kept
}

/// `word` so that a shell takes it as one word and evaluates nothing in it.
package func shellWord(_ word: String) -> String {
  let isPlain =
    !word.isEmpty
    && word.unicodeScalars.allSatisfy {
      switch $0 {
      case "a"..."z", "A"..."Z", "0"..."9", "-", "_", ".", "/", ":", "=", ",", "+", "@", "%": true
      default: false
      }
    }
  return isPlain
    ? word : "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
}
