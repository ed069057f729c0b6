internal import Collectives
internal import Files
internal import Glibc
internal import Layers
internal import Reporting
public import Safeguards

/// Makes the faults of `--fault` happen to this rank, each once in the life of a run directory: what has happened is
/// written there first, so that the run which goes on from a checkpoint does not meet it again.
public final class FaultRehearsal {
  private var pending: [Fault]
  private let rank: Int
  private let directory: String
  /// Steps left in which this rank is slow.
  private var slowSteps = 0

  /// - Parameter directory: the run directory; `faults.log` in it lists what has happened.
  public init(_ faults: [Fault], rank: Int, directory: String) {
    (self.rank, self.directory) = (rank, directory)
    let log = (try? readFile(directory + "/faults.log", limit: 1 << 20)) ?? []
    let past = Set(String(decoding: log, as: UTF8.self).split(separator: "\n").map(String.init))
    pending = faults.filter { $0.concerns(rank: rank) && !past.contains(Self.line($0, rank)) }
  }

  private static func line(_ fault: Fault, _ rank: Int) -> String { "\(fault) on rank \(rank)" }

  /// Whether a fault of this kind is due, which then has happened.
  private func take(_ kind: Fault.Kind, _ step: Int) -> Bool {
    guard let index = pending.firstIndex(where: { $0.kind == kind && $0.step == step }) else { return false }
    note(pending.remove(at: index))
    return true
  }

  /// Whether a fault of this kind is due; it happens again when the step is computed again.
  private func isDue(_ kind: Fault.Kind, _ step: Int) -> Bool {
    guard let fault = pending.first(where: { $0.kind == kind && $0.step == step }) else { return false }
    note(fault)
    return true
  }

  private func note(_ fault: Fault) {
    let line = Array((Self.line(fault, rank) + "\n").utf8)
    let descriptor = open(directory + "/faults.log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { return }
    _ = write(descriptor, line, line.count)
    fsync(descriptor)
    close(descriptor)
  }

  // MARK: The process

  /// - Parameter step: the one that comes, counted from 1.
  func beforeStep(_ step: Int, _ communicator: any Communicator) throws {
    if take(.kill, step) { raise(SIGKILL) }
    if take(.stop, step) { raise(SIGSTOP) }
    if take(.exit, step) { throw RehearsedFailure(rank: rank, step: step) }
    if take(.user1, step) { raise(SIGUSR1) }
    if take(.terminate, step) { raise(SIGTERM) }
    if take(.interrupt, step) { raise(SIGINT) }
    if take(.order, step) { try communicator.barrier("a call that only rank \(rank) makes") }
    if take(.slow, step) { slowSteps = 20 }
    if slowSteps > 0 {
      slowSteps -= 1
      usleep(300_000)
    }
  }

  // MARK: The numbers

  /// After the backward pass: this rank's loss and gradients as they go on from here.
  func spoil(loss: Double, _ arena: ParameterArena, step: Int) -> Double {
    // Not the gaps between arrays, which nothing ever writes.
    let gradients = arena.trainedSlices.map { arena.gradients(of: $0) }
    if isDue(.infinity, step) { gradients[0][0] = .infinity }
    let isNotANumber = isDue(.notANumber, step)
    guard isNotANumber || isDue(.spike, step) else { return loss }
    let factor = isNotANumber ? Float.nan : 1e6
    for values in gradients { for index in values.indices { values[index] *= factor } }
    return loss * Double(factor)
  }

  /// After the sum over ranks: flips the highest bit of an exponent in the part that this rank looks after.
  func spoilSum(_ gradients: UnsafeMutableBufferPointer<Float>, _ part: Range<Int>, step: Int) {
    guard pending.contains(where: { $0.kind == .flipGradient && $0.step == step }) else { return }
    guard let index = part.first(where: { gradients[$0] != 0 && gradients[$0].magnitude < 1 }) else { return }
    _ = take(.flipGradient, step)
    gradients[index] = Float(bitPattern: gradients[index].bitPattern ^ 0x4000_0000)
  }

  /// After the update: flips a bit of one weight.
  func spoilWeights(_ arena: ParameterArena, step: Int) {
    guard take(.flipWeight, step), let slice = arena.trainedSlices.max(by: { $0.count < $1.count }) else { return }
    let values = arena.weights(of: slice)
    values[values.count / 2] = Float(bitPattern: values[values.count / 2].bitPattern ^ 0x0010_0000)
  }

  // MARK: The disk

  /// Runs a save with what is due in its way: everything at or before `step` that has not happened yet.
  func duringSave<Result>(step: Int, _ save: () throws -> Result) rethrows -> Result {
    guard let fault = pending.first(where: { $0.step <= step && Self.diskKinds.contains($0.kind) }) else {
      return try save()
    }
    pending.removeAll { $0 == fault }
    note(fault)
    let calls = Counter()
    return try withDiskHook(
      DiskHook { call, path in
        calls.value += 1
        switch fault.kind {
        case .diskFull where call == "write": throw FileError.system(call: call, path: path, code: ENOSPC)
        case .diskError where call == "fsync": throw FileError.system(call: call, path: path, code: EIO)
        case .killInSave where calls.value == 12: raise(SIGKILL)
        default: break
        }
      }, save)
  }

  private static let diskKinds: [Fault.Kind] = [.diskFull, .diskError, .killInSave]

  /// Counts the calls of one save, which are made by one thread.
  private final class Counter: @unchecked Sendable { var value = 0 }
}

/// A rank that ends because it was told to.
private struct RehearsedFailure: ReportableError {
  let rank: Int
  let step: Int
  var description: String { "the fault exit@\(step):\(rank) that --fault asked for" }
  var exitCode: ExitCode { .internalError }
}
