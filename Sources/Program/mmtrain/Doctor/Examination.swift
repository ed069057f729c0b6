internal import Glibc
internal import Launching
internal import Reporting
internal import TensorEngine

/// What `doctor` finds: facts in groups, and warnings that say what to do.
struct Examination {
  private let groups: [Group]
  let warnings: [String]

  /// One line of the text, one object of the JSON document.
  struct Group {
    let name: String
    let text: String
    let members: [(String, OrderedJSON)]
    var warnings: [String] = []
  }

  /// - Throws: `ProductChoiceError`.
  init(ranks: Int, threads: Int?, output: String) throws {
    let machine = Machine.current()
    let choice = try fasterProducts()
    let rankThreads =
      threads ?? defaultThreads(cores: machine.usableCores, ranksOnNode: ranks, isBound: false)
    groups = [
      processor(machine), cores(machine), memory(machine), disk(output), sharedMemory(), kernels(), blas(),
      products(choice), matrixProducts(choice),
      mpi(machine),
      plan(ranks: ranks, threads: rankThreads, cores: machine.usableCores),
    ]
    warnings = groups.flatMap(\.warnings)
  }

  var text: String {
    let width = groups.map(\.name.count).max() ?? 0
    let lines = groups.map { $0.name + String(repeating: " ", count: width - $0.name.count + 2) + $0.text }
    let end = warnings.isEmpty ? ["nothing is in the way"] : warnings.map { "warning: \($0)" }
    return (lines + end).joined(separator: "\n") + "\n"
  }

  var json: OrderedJSON {
    let members = groups.map { group in
      (group.name.split(separator: " ").joined(separator: "_"), OrderedJSON.object(group.members))
    }
    return .object(members + [("warnings", .list(warnings.map { .text($0) }))])
  }
}

private func processor(_ machine: Machine) -> Examination.Group {
  var group = Examination.Group(
    name: "processor", text: "\(printable(machine.processor)) (\(machine.features.joined(separator: ", ")))",
    members: [
      ("name", .text(machine.processor)), ("features", .list(machine.features.map { .text($0) })),
    ])
  #if arch(x86_64)
    if !machine.features.contains("avx2") || !machine.features.contains("fma") {
      group.warnings = ["this processor lacks AVX2 and FMA: training works, many times slower"]
    }
  #endif
  return group
}

private func cores(_ machine: Machine) -> Examination.Group {
  let cores = machine.cores
  var text = "\(cores.physical) (\(cores.logical) hardware threads"
  if cores.logical < cores.installed { text += " of \(cores.installed)" }
  text += ")"
  var group = Examination.Group(
    name: "cores", text: text,
    members: [
      ("physical", .integer(cores.physical)), ("logical", .integer(cores.logical)),
      ("installed", .integer(cores.installed)), ("quota", machine.coreQuota.map { .number($0) } ?? .null),
    ])
  if let quota = machine.coreQuota, quota < Double(cores.physical) {
    group.warnings = [
      "the container grants the time of \(quota) cores, and \(cores.physical) are visible: "
        + "use no more than \(machine.usableCores) threads in all"
    ]
  }
  return group
}

private func memory(_ machine: Machine) -> Examination.Group {
  var group = Examination.Group(
    name: "memory", text: "\(gibibytes(machine.memoryAvailable)) available of \(gibibytes(machine.memoryTotal))",
    members: [
      ("total_bytes", .integer(machine.memoryTotal)), ("available_bytes", .integer(machine.memoryAvailable)),
    ])
  if machine.memoryAvailable < 1 << 30 { group.warnings = ["less than 1 GiB of memory is available"] }
  return group
}

private func disk(_ path: String) -> Examination.Group {
  let free = freeBytes(path)
  var group = Examination.Group(
    name: "disk",
    text: free.map { "\(gibibytes($0)) free for \(printable(path))" } ?? "\(printable(path)) is not there",
    members: [("path", .text(path)), ("free_bytes", free.map { .integer($0) } ?? .null)])
  switch free {
  case nil: group.warnings = ["\(printable(path)) cannot be looked at; it will be made when a run begins"]
  case let free? where free < 1 << 30: group.warnings = ["less than 1 GiB is free for \(printable(path))"]
  default: break
  }
  return group
}

/// Ranks of one machine reduce gradients through memory that they share.
private func sharedMemory() -> Examination.Group {
  let free = freeBytes("/dev/shm")
  var group = Examination.Group(
    name: "shared memory", text: free.map { "\(gibibytes($0)) free in /dev/shm" } ?? "/dev/shm is not there",
    members: [("free_bytes", free.map { .integer($0) } ?? .null)])
  if (free ?? 0) < 256 << 20 {
    group.warnings = ["/dev/shm is small; several ranks of a large model need more (docker: --shm-size=2g)"]
  }
  return group
}

/// The level of the fused kernels, and what matrix products may multiply.
private func kernels() -> Examination.Group {
  let (level, forced) = (KernelLevel.best, KernelLevel.forcedName)
  var group = Examination.Group(
    name: "kernels",
    text: "\(level.rawValue), \(Precision.best.rawValue) fastest" + (forced == nil ? "" : "; MMTRAIN_KERNELS is set"),
    members: [
      ("level", .text(level.rawValue)), ("forced", .flag(forced != nil)),
      ("fastest_precision", .text(Precision.best.rawValue)),
    ])
  if forced != nil {
    group.warnings = [
      "MMTRAIN_KERNELS=\(level.rawValue) chooses the kernels by hand; unset it for those of this processor"
    ]
  }
  return group
}

private func blas() -> Examination.Group {
  let library = BLASLibrary.loaded()
  let removed = environmentVariable(removedBLASCoreVariable)
  let kept = environmentVariable("OPENBLAS_CORETYPE")
  var text = library.map { "OpenBLAS with kernels for \($0.core)" } ?? "OpenBLAS is not loaded"
  if let removed { text += "; OPENBLAS_CORETYPE=\(printable(removed)) was set and is not used" }
  if let kept { text += "; OPENBLAS_CORETYPE=\(printable(kept)) is set and used" }
  var group = Examination.Group(
    name: "blas", text: text,
    members: [
      ("core", library.map { .text($0.core) } ?? .null), ("build", library.map { .text($0.build) } ?? .null),
      ("coretype_removed", removed.map { .text($0) } ?? .null), ("coretype", kept.map { .text($0) } ?? .null),
    ])
  if let kept {
    group.warnings = [
      "OPENBLAS_CORETYPE=\(printable(kept)) chooses the kernels by hand; unset MMTRAIN_KEEP_BLAS_CORE for those of "
        + "this processor"
    ]
  }
  return group
}

/// Which library computes which kind of fp32 products, and how fast both do now.
private func products(_ choice: ProductChoice) -> Examination.Group {
  let (trial, version) = (ProductTrial(), ProductTrial.oneDNNVersion)
  let rates = trial.entries.map { entry in
    "\(entry.kind.rawValue) \(decimals(entry.openBLAS, 0)) and "
      + (entry.oneDNN.map { decimals($0, 0) } ?? "wrong")
  }
  return Examination.Group(
    name: "products",
    text: "by \(choice); GFLOP/s of OpenBLAS and of oneDNN \(version): \(rates.joined(separator: ", "))",
    members: [
      ("libraries", .object(ProductKind.allCases.map { ($0.rawValue, .text(choice[$0].rawValue)) })),
      ("onednn", .text(version)),
      ("openblas_gflops", .object(trial.entries.map { ($0.kind.rawValue, .number($0.openBLAS)) })),
      (
        "onednn_gflops",
        .object(trial.entries.map { ($0.kind.rawValue, $0.oneDNN.map { .number($0) } ?? .null) })
      ),
    ],
    warnings: trial.entries.contains { $0.oneDNN == nil }
      ? ["oneDNN \(version) does not multiply fp32 as it should on this processor: OpenBLAS computes all products"] : []
  )
}

/// One core's matrix product against what its multiply-add units can do: under 60 % something is wrong with the library.
private func matrixProducts(_ choice: ProductChoice) -> Examination.Group {
  let measured = Engine(threadCount: 1, products: choice).measureMatrixProducts()
  let share = measured.achieved / measured.peak
  var group = Examination.Group(
    name: "matrix products",
    text: "\(decimals(measured.achieved, 0)) of \(decimals(measured.peak, 0)) GFLOP/s on one core "
      + "(\(decimals(100 * share, 0)) %)",
    members: [("gflops", .number(measured.achieved)), ("peak_gflops", .number(measured.peak))])
  if share < 0.6 {
    group.warnings = [
      "matrix products reach \(decimals(100 * share, 0)) % of what this core can do: is another program running, or "
        + "OpenBLAS built for another processor?"
    ]
  }
  return group
}

private func plan(ranks: Int, threads: Int, cores: Int) -> Examination.Group {
  Examination.Group(
    name: "plan", text: "\(ranks) × \(threads) threads on \(cores) cores",
    members: [("ranks", .integer(ranks)), ("threads", .integer(threads)), ("cores", .integer(cores))],
    warnings: oversubscriptionWarning(ranks: ranks, threads: threads, cores: cores).map { [$0] } ?? [])
}

private func gibibytes(_ bytes: Int) -> String {
  let tenths = Int((Double(bytes) / Double(1 << 30) * 10).rounded())
  return "\(tenths / 10).\(tenths % 10) GiB"
}
