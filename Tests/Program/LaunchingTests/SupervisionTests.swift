import Files
import Foundation
import Launching
import Reporting
import TestSupport
import Testing

/// What the process that looks after the ranks decides, without any ranks.
@Suite struct SupervisionTests {
  private let rule = String(repeating: "-", count: 74) + "\n"
  private let interrupt: Int32 = 2
  private let terminate: Int32 = 15

  // MARK: Signals

  @Test func aSecondInterruptWithinThreeSecondsEndsAtOnce() {
    var signals = StopSignals()
    #expect(signals.meaning(of: interrupt, at: 100) == .stop)
    #expect(signals.meaning(of: interrupt, at: 104) == .stop)
    #expect(signals.meaning(of: interrupt, at: 106.9) == .end)
  }

  @Test func aSecondTerminationEndsAtOnce() {
    var signals = StopSignals()
    #expect(signals.meaning(of: terminate, at: 0) == .stop)
    #expect(signals.meaning(of: interrupt, at: 1) == .stop)
    #expect(signals.meaning(of: terminate, at: 60) == .end)
  }

  /// `timeout` and some batch systems signal the process and its group.
  @Test func theSameSignalTwiceAtOnceIsOne() {
    var signals = StopSignals()
    #expect(signals.meaning(of: terminate, at: 0) == .stop)
    #expect(signals.meaning(of: terminate, at: 0.001) == .echo)
    #expect(signals.meaning(of: interrupt, at: 5) == .stop)
    #expect(signals.meaning(of: interrupt, at: 5.001) == .echo)
  }

  @Test func aStopOfTheTerminalIsARest() {
    var signals = StopSignals()
    #expect(signals.meaning(of: 20, at: 0) == .pause)
    #expect(signals.meaning(of: 20, at: 0.01) == .pause)
    #expect(signals.meaning(of: interrupt, at: 1) == .stop, "it was no first interrupt")
  }

  @Test func requestsToSaveNeverEndAtOnce() {
    var signals = StopSignals()
    for time in 0..<10 {
      #expect(signals.meaning(of: 10, at: Double(time) / 4) == .stop)
      #expect(signals.meaning(of: 1, at: Double(time) / 4) == .stop)
    }
  }

  // MARK: mpirun's output

  @Test func bannersOfAnEndAreUnderstoodAndKeptBack() {
    let banners =
      rule + "Primary job  terminated normally, but 1 process returned\n"
      + "a non-zero exit code. Per user-direction, the job has been aborted.\n" + rule + rule
      + "mpirun noticed that process rank 1 with PID 0 on node vm-7 exited on signal 9 (Killed).\n" + rule
    let (shown, output) = passed("training: step 3\n" + banners + "after\n")
    #expect(shown == "training: step 3\nafter\n")
    #expect(output.endings == [.signal(rank: 1, host: "vm-7", number: 9)])
  }

  @Test func exitsAndAbortsAreUnderstood() {
    let (shown, output) = passed(
      rule + "mpirun detected that one or more processes exited with non-zero status, thus causing\n"
        + "the job to be terminated. The first process to do so was:\n\n"
        + "  Process name: [[11864,1],3]\n  Exit code:    65\n" + rule + rule
        + "MPI_ABORT was invoked on rank 2 in communicator MPI_COMM_WORLD\nwith errorcode 81.\n\n"
        + "NOTE: invoking MPI_ABORT causes Open MPI to kill all MPI processes.\n" + rule
        + "[vm:17836] [[10578,0],0] ORTE_ERROR_LOG: Data unpack would read past end of buffer in file "
        + "../../../orte/util/show_help.c at line 513\n"
        + "[vm:00815] 1 more process has sent help message help-mpi-api.txt / mpi-abort\n"
        + "[vm:00815] Set MCA parameter \"orte_base_help_aggregate\" to 0 to see all help / error messages\n")
    #expect(shown == "")
    #expect(output.endings == [.exit(rank: 3, code: 65), .aborted(rank: 2, code: 81)])
  }

  @Test func aLostMachineIsUnderstoodAndShown() {
    let banner =
      rule + "ORTE has lost communication with a remote daemon.\n\n  HNP daemon   : [[1,0],0] on node one\n"
      + "  Remote daemon: [[1,0],1] on node two\n\nThis is usually due to a network failure.\n" + rule
    let (shown, output) = passed(banner)
    #expect(shown == banner)
    #expect(output.endings == [.lostHost("two")])
  }

  @Test func whateverElseMPIRunSaysIsShown() {
    let banner =
      rule + "There are not enough slots available in the system to satisfy the 6\nslots that were requested\n" + rule
    let (shown, output) = passed("a\n" + banner + "[vm:1] a line of another library\n\nb")
    #expect(shown == "a\n" + banner + "[vm:1] a line of another library\n\nb")
    #expect(output.endings == [])
    #expect(output.explanation?.contains("raise slots= in the hostfile") == true)
    #expect(output.explanation?.contains("--ranks does") == false, "it was --ranks that started them")
  }

  @Test(arguments: [
    "ssh: connect to host node2 port 22: Connection refused", "root@node2: Permission denied (publickey,password).",
    "ssh: Could not resolve hostname node2: Name or service not known", "Host key verification failed.",
    "kex_exchange_identification: read: Connection reset by peer", "Connection closed by 10.0.0.2 port 22",
  ])
  func aMachineThatRefusesIsNamedLast(line: String) {
    let banner = rule + "ORTE was unable to reliably start one or more daemons.\n" + rule
    let (shown, output) = passed(line + "\r\n" + banner)
    #expect(shown == line + "\r\n" + banner)
    var ending = RunEnding(code: 69)
    ending.unreachable = output.unreachable
    #expect(
      ending.lastWords?.hasPrefix("error: a machine cannot be reached: \(line). From here 'ssh MACHINE true'") == true)
  }

  /// What is left to say where mpirun itself did not end: a wait that ended a rank, or the first word of how one ended.
  @Test func theCodeOfRanksIsKnownWithoutMPIRun() {
    let words =
      "error: rank 0: has waited 5s in 'losses' (allReduce of 2 doubles, call 9) for rank 1; ending the run. Look"
    #expect(passed(words + "\n").output.namedCode == 82)
    #expect(passed("error: rank 0: no photo\n").output.namedCode == nil)
    let ended = rule + "  Process name: [[1,1],3]\n  Exit code:    65\n" + rule
    #expect(passed(ended).output.namedCode == 65)
    let killed = rule + "mpirun noticed that process rank 1 with PID 7 on node vm exited on signal 9 (Killed).\n" + rule
    #expect(passed(killed).output.namedCode == 137)
  }

  @Test func dashesThatAreNoBannerAreShown() {
    var output = MPIRunOutput()
    #expect(output.take((rule + "a table\n").utf8) == [])
    #expect(output.idle(seconds: 0.2) == [])
    #expect(output.idle(seconds: 1.1) == Array((rule + "a table\n").utf8))
    let many = rule + String(repeating: "row\n", count: 300) + "end\n"
    #expect(passed(many).shown == many)
    #expect(passed(rule + "half").shown == rule + "half")
  }

  @Test func halfALineIsShownAfterAWhile() {
    var output = MPIRunOutput()
    #expect(output.take("50%".utf8) == [])
    #expect(output.idle(seconds: 0.05) == [])
    #expect(output.idle(seconds: 0.1) == Array("50%".utf8))
    #expect(output.take("\rdone\n".utf8) == Array("\rdone\n".utf8))
    #expect(output.take("---".utf8) == [])
    #expect(output.idle(seconds: 0.5) == [], "a banner may begin here")
    #expect(output.take("-\n".utf8) == Array("----\n".utf8))
  }

  @Test func anErrorThatOthersBuryIsKnown() {
    let (_, first) = passed("error: rank 1: no photo\n")
    #expect(first.firstError == "error: rank 1: no photo" && !first.firstErrorIsBuried)
    let (_, second) = passed("error: rank 1: no photo\n  of many\nwarning: rank 0: gone\n")
    #expect(second.firstError == "error: rank 1: no photo" && second.firstErrorIsBuried)
  }

  /// Fed byte by byte, as a pipe may cut anywhere.
  private func passed(_ text: String) -> (shown: String, output: MPIRunOutput) {
    var output = MPIRunOutput()
    var shown: [UInt8] = []
    for byte in text.utf8 { shown += output.take([byte]) }
    shown += output.finish()
    return (String(decoding: shown, as: UTF8.self), output)
  }

  // MARK: Restarts

  @Test(arguments: [137, 139, 134, 143, 82] as [Int32]) func accidentsAreRestarted(code: Int32) {
    var policy = RestartPolicy(limit: 2)
    #expect(policy.decide(exitCode: code, step: nil) == .restart(number: 1, wait: 2))
    #expect(policy.decide(exitCode: code, step: 7) == .restart(number: 2, wait: 4))
    #expect(policy.decide(exitCode: code, step: 9) == .giveUp("it was restarted 2 times"))
  }

  @Test(arguments: [0, 64, 65, 66, 69, 70, 73, 74, 75, 78, 80, 81] as [Int32])
  func whatWouldHappenAgainIsNotRestarted(code: Int32) {
    var policy = RestartPolicy(limit: 5)
    #expect(policy.decide(exitCode: code, step: 3) == .end)
  }

  @Test func withoutRestartsNothingIsSaidOfThem() {
    var policy = RestartPolicy(limit: 0)
    #expect(policy.decide(exitCode: 137, step: 3) == .end)
  }

  /// After a restart the steps since the checkpoint are done once more: only a step beyond all before is progress.
  @Test func aRunThatDiesAtTheSameStepIsGivenUp() {
    var policy = RestartPolicy(limit: 10)
    #expect(policy.decide(exitCode: 137, step: 12) == .restart(number: 1, wait: 2))
    #expect(policy.decide(exitCode: 137, step: 20) == .restart(number: 2, wait: 4))
    let reason = "no step came out of restart 2 that was not done before"
    #expect(policy.decide(exitCode: 137, step: 20) == .giveUp(reason))
  }

  /// mpirun's own codes: it could not start the ranks, or it lost a machine under way.
  @Test func aLostMachineIsRestartedWhereStepsWereMade() {
    var policy = RestartPolicy(limit: 1)
    #expect(policy.decide(exitCode: 1, step: nil) == .end)
    #expect(policy.decide(exitCode: 1, step: 4) == .restart(number: 1, wait: 2))
  }

  /// A machine that starts anew takes minutes; a restart that cannot reach it is the same restart, later.
  @Test func aMachineThatWasLostIsWaitedFor() {
    var policy = RestartPolicy(limit: 1)
    #expect(policy.decide(exitCode: 69, step: nil, isUnreachable: true, at: 0) == .end, "it was never there")
    #expect(policy.decide(exitCode: 1, step: 4, at: 10) == .restart(number: 1, wait: 2))
    #expect(policy.decide(exitCode: 69, step: nil, isUnreachable: true, at: 20) == .restart(number: 1, wait: 10))
    #expect(policy.decide(exitCode: 69, step: nil, isUnreachable: true, at: 100) == .restart(number: 1, wait: 60))
    #expect(
      policy.decide(exitCode: 69, step: nil, isUnreachable: true, at: 920)
        == .giveUp("a machine is missing since 15:00; leave it out of the hostfile, or mend it"))
  }

  @Test func aRestartGoesOnFromTheRunsOwnCheckpoint() {
    let arguments = ["train", "--ranks", "4", "--restarts=3", "--resume", "elsewhere", "--set", "seed=1"]
    #expect(argumentsForRanks(["--dry-run", "--json", "--set", "seed=1"]) == ["--set", "seed=1"])
    #expect(argumentsForRanks(arguments) == ["train", "--resume", "elsewhere", "--set", "seed=1"])
    #expect(argumentsForRanks(arguments, isRestart: true) == ["train", "--set", "seed=1"])
  }

  @Test func machinesAreCountedWhereverTheyAreNamed() throws {
    let directory = try TemporaryDirectory()
    try writeAtomically("# ours\n one slots=4\n\ntwo:2 # busy\none slots=2\n".utf8, to: directory("hosts"))
    try writeAtomically("# none\n".utf8, to: directory("empty"))
    let named = try MachineList(hostfile: directory("hosts")) { _ in nil }
    #expect(named.count == 2 && named.hostfile == directory("hosts"))
    let path = directory("hosts")
    let found = try MachineList(hostfile: nil) { $0 == "OMPI_MCA_orte_default_hostfile" ? path : nil }
    #expect(found.count == 2 && found.hostfile == nil)
    #expect(try MachineList(hostfile: nil) { $0 == "SLURM_JOB_NUM_NODES" ? "3" : nil }.count == 3)
    #expect(try MachineList(hostfile: nil) { _ in nil }.count == 1)
    let error = #expect(throws: (any Error).self) { try MachineList(hostfile: directory("empty")) { _ in nil } }
    #expect((error as? any ReportableError)?.exitCode == .badData)
  }

  @Test func aHostfilesSlotsSayWhereRanksGo() throws {
    let directory = try TemporaryDirectory()
    func machines(_ text: String) throws -> MachineList {
      try writeAtomically(text.utf8, to: directory("hosts"))
      return try MachineList(hostfile: directory("hosts")) { _ in nil }
    }
    #expect(try machines("one slots=3\ntwo slots=1\n").ranksOnLargest(of: 4) == 3)
    #expect(try machines("one slots=1\ntwo slots=5\n").ranksOnLargest(of: 4) == 3)
    #expect(try machines("one\ntwo slots=1\n").ranksOnLargest(of: 4) == 2, "slots that nobody knows")
    let error = #expect(throws: (any Error).self) { try machines("one slots=2\ntwo slots=1\n").ranksOnLargest(of: 4) }
    let reported = try #require(error as? any ReportableError)
    #expect(reported.exitCode == .configuration)
    #expect(reported.description.contains("the machines have 3 slot(s) for 4 ranks; raise slots= there"))
  }

  @Test func oneOtherMachineIsElsewhere() throws {
    let directory = try TemporaryDirectory()
    try writeAtomically("node2 slots=2\n".utf8, to: directory("hosts"))
    #expect(try MachineList(hostfile: directory("hosts")) { _ in nil }.mayBeElsewhere)
    let job = try MachineList(hostfile: nil) { ["SLURM_JOB_ID": "7", "SLURM_JOB_NUM_NODES": "1"][$0] }
    #expect(!job.mayBeElsewhere && job.isWithinJob)
    #expect(try !MachineList(hostfile: nil) { _ in nil }.isWithinJob)
  }

  /// A job of one task has one slot, however many cores.
  @Test func theSlotsOfAJobOnOneMachineAreLeftOut() {
    let plan = LaunchPlan(ranks: 2, threads: nil, cores: 8, isRoot: false, isWithinJob: true, program: ["m"])
    #expect(
      plan.arguments.prefix(10) == [
        "-n", "2", "--mca", "ras", "^slurm", "--mca", "plm", "^slurm", "--map-by", "slot:PE=4",
      ])
    let second = LaunchPlan(ranks: 2, threads: nil, cores: 8, binding: .never, isRoot: false, program: ["m"])
    #expect(second.arguments.prefix(4) == ["-n", "2", "--bind-to", "none"])
  }

  @Test func ranksAreDividedOverMachines() {
    let plan = LaunchPlan(
      ranks: 8, threads: nil, cores: 16, isRoot: false, machines: 4, hostfile: "hosts", exported: ["MMTRAIN_X"],
      program: ["m"])
    #expect(plan.threadsPerRank == 8)
    #expect(plan.arguments.prefix(6) == ["-n", "8", "--hostfile", "hosts", "--map-by", "slot:PE=8"])
    #expect(plan.arguments.suffix(5) == ["-x", "MMTRAIN_X", "m", "--threads", "8"])
  }

  // MARK: Last words

  @Test func aKilledRankIsNamed() {
    var ending = RunEnding(code: 137)
    ending.endings = [.signal(rank: 1, host: "vm", number: 9)]
    (ending.step, ending.checkpointStep) = (120, 100)
    #expect(
      ending.lastWords
        == "error: rank 1 on vm was killed by signal 9 (SIGKILL) after step 120. "
        + "The same command goes on from the checkpoint of step 100")
    (ending.step, ending.checkpointStep) = (nil, nil)
    #expect(
      ending.lastWords
        == "error: rank 1 on vm was killed by signal 9 (SIGKILL) before its first step was done. "
        + "No checkpoint was made yet: the same command begins again")
  }

  @Test func wantOfMemoryIsSaidWithNumbers() {
    var ending = RunEnding(code: 137)
    ending.endings = [.signal(rank: 1, host: "vm", number: 9)]
    ending.step = 3
    ending.memory = MemoryVerdict(
      ranks: [(0, 1_500_000_000), (1, 1_600_000_000)], total: 3_100_000_000, limit: 3_200_000_000,
      isGranted: true, isCertain: false)
    let words = ending.lastWords ?? ""
    #expect(
      words.contains(
        "; likely out of memory: the 2 ranks here held 3.1 of 3.2 GB that the control group grants "
          + "(rank 0: 1.5, rank 1: 1.6); a smaller batch.global or batch.micro, memory.recompute: blocks"))
  }

  @Test func whatARankHasSaidIsNotSaidAgainUnlessItIsBuried() {
    var ending = RunEnding(code: 65)
    ending.endings = [.aborted(rank: 1, code: 65)]
    ending.firstError = "error: rank 1: not a JPEG"
    #expect(ending.lastWords == nil)
    ending.firstErrorIsBuried = true
    #expect(ending.lastWords == "error: rank 1: not a JPEG")
    ending.firstError = nil
    #expect(
      ending.lastWords == "error: rank 1 ended with 65 (badData) before its first step was done and did not say why")
  }

  @Test func goodEndsNeedNoWords() {
    #expect(RunEnding(code: 0).lastWords == nil)
    var stopped = RunEnding(code: 75)
    (stopped.isRequested, stopped.step) = (true, 4)
    stopped.endings = [.exit(rank: 0, code: 75)]
    #expect(stopped.lastWords == nil)
    stopped.step = nil
    #expect(stopped.lastWords == "stopped before the first step; the same command begins again")
  }

  @Test func mpirunsOwnFailuresAreExplained() {
    var ending = RunEnding(code: 1)
    ending.explanation = "more ranks than cores"
    #expect(ending.lastWords == "error: mpirun could not start the ranks: more ranks than cores")
    #expect(RunEnding(code: 139).lastWords?.hasPrefix("error: mpirun was killed by signal 11 (SIGSEGV)") == true)
    #expect(RunEnding(code: 1).lastWords == "error: mpirun ended with 1 and did not say why")
  }
}
