import Files
import Foundation
import TestSupport
import Testing

extension UnderMPIRun {
  /// `mmtrain train --ranks 2` looks after its ranks from their first process to their last.
  @Suite struct SupervisorTests {
    private let directory: TemporaryDirectory
    private let run: TinyRun

    init() throws {
      directory = try TemporaryDirectory()
      run = TinyRun.long(data: try Workshop.open().data, output: directory("run"))
    }

    @Test func aKilledRankIsNamedAndEndsAll() throws {
      let supervised = try start()
      try wait(forStep: 3, of: run.output, supervised.process)
      let killed = Date()
      kill(try supervised.process(ofRank: 1), SIGKILL)
      let result = try supervised.process.wait()
      #expect(Date().timeIntervalSince(killed) < 5)
      #expect(result.status == 137)
      let words = try #require(result.errors.split(separator: "\n").last)
      let expected = #/error: rank 1 on \S+ was killed by signal 9 \(SIGKILL\) after step \d+\. /#
      #expect(words.starts(with: expected), "\(words)")
      #expect(!result.errors.contains("mpirun noticed") && !result.errors.contains("-----"), "\(result.errors)")
      #expect(supervised.areRanksGone)
    }

    @Test(arguments: [SIGTERM, SIGINT, SIGUSR1, SIGHUP]) func aSignalSavesAndStops(signal: Int32) throws {
      let supervised = try start()
      try wait(forStep: 3, of: run.output, supervised.process)
      supervised.process.send(signal)
      let result = try supervised.process.wait()
      #expect(result.status == 75, "\(result.errors)")
      let step = try #require(try stepLines(of: run.output).last).step
      #expect(result.errors.contains("stopped on request at step \(step)"), "\(result.errors)")
      #expect(!result.errors.contains("-----") && !result.errors.contains("error:"), "\(result.errors)")
      #expect(linkTarget(run.output + "/last")?.hasSuffix("step-000000\(step)") == (step < 10))
    }

    @Test func aSignalBeforeTheFirstStepStops() throws {
      let supervised = try start()
      let deadline = Date(timeIntervalSinceNow: 20)
      // Its first child only tells the version of mpirun, before the signals are taken over.
      func isMPIRun(_ process: Int32) -> Bool {
        String(decoding: FileManager.default.contents(atPath: "/proc/\(process)/cmdline") ?? Data(), as: UTF8.self)
          .contains("-n\0")
      }
      while !children(of: supervised.process.identifier).contains(where: isMPIRun), Date() < deadline { usleep(1000) }
      supervised.process.send(SIGTERM)
      let result = try supervised.process.wait()
      #expect(result.status == 75, "\(result.errors)")
      #expect(!result.errors.contains("error:"), "\(result.errors)")
    }

    /// Of machines that a file names nothing is known here: the ranks look at their own.
    @Test func theRoomOfOtherMachinesIsLeftToTheirRanks() throws {
      try writeAtomically(Array("localhost slots=2\n".utf8), to: directory("machines"))
      let result = try start(
        "--hostfile", directory("machines"), "--set", "model.vision.width=8192", "--set", "model.vision.layers=128"
      ).process.wait()
      #expect(result.status == 78, "\(result.errors)")
      #expect(result.errors.contains("starting: "), "the launcher does not refuse: \(result.errors)")
      #expect(result.errors.contains("error: rank 0: the ranks on this machine need about "), "\(result.errors)")
    }

    @Test func aSecondTerminationEndsAtOnce() throws {
      let supervised = try start()
      try wait(forStep: 3, of: run.output, supervised.process)
      // A rank that does not answer: what asked it to save would wait for ever.
      kill(try supervised.process(ofRank: 0), SIGSTOP)
      supervised.process.send(SIGTERM)
      Thread.sleep(forTimeInterval: 0.5)
      #expect(supervised.process.isRunning)
      supervised.process.send(SIGTERM)
      let result = try supervised.process.wait(timeout: 5)
      #expect(result.status == 143)
      #expect(result.errors.contains("ended at once, as asked; the same command goes on from the checkpoint of step"))
      #expect(supervised.areRanksGone)
    }

    @Test func aRunGoesOnAfterARestartAsIfUnbroken() throws {
      let supervised = try start("--restarts", "2")
      try wait(forStep: 5, of: run.output, supervised.process)
      kill(try supervised.process(ofRank: 1), SIGKILL)
      let result = try supervised.process.wait()
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.errors.contains("restart 1 of 2 in 2s, from the checkpoint of step "), "\(result.errors)")
      #expect(result.errors.contains("; going on after step "))
      let unbroken = try Workshop.open().unbroken
      for name in ["model.safetensors", "training_state/optimizer.safetensors"] {
        #expect(try readFile(run.output + "/last/" + name) == readFile(unbroken + "/last/" + name), "\(name)")
      }
    }

    @Test func ranksThatHangAreStartedAgain() throws {
      let supervised = try start("--restarts", "1", environment: ["MMTRAIN_HANG_SECONDS": "4"])
      try wait(forStep: 4, of: run.output, supervised.process)
      kill(try supervised.process(ofRank: 1), SIGSTOP)
      let result = try supervised.process.wait()
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.errors.contains("error: rank 0: has waited 4s in '"), "\(result.errors)")
      #expect(result.errors.contains("restart 1 of 1 in 2s"))
    }

    @Test func whatWouldHappenAgainIsNotRestarted() throws {
      let result = try start("--restarts", "3", "--set", "data.path=\(nowhere)").process.wait()
      #expect(result.status == 66)
      #expect(result.errors.components(separatedBy: "starting: ").count == 2)
      #expect(result.errors.components(separatedBy: "error: ").count == 2)
      let words = try #require(result.errors.split(separator: "\n").last)
      #expect(words.hasPrefix("error: rank 0: \(nowhere): no manifest.json there"), "\(result.errors)")
    }

    @Test func ranksDoNotOutliveTheirSupervisor() throws {
      let supervised = try start()
      try wait(forStep: 3, of: run.output, supervised.process)
      supervised.process.send(SIGKILL)
      #expect(try supervised.process.wait().status == 137)
      let deadline = Date(timeIntervalSinceNow: 5)
      while !supervised.areRanksGone, Date() < deadline { Thread.sleep(forTimeInterval: 0.05) }
      #expect(supervised.areRanksGone)
    }

    @Test func ranksDoNotOutliveMPIRun() throws {
      let supervised = try start()
      try wait(forStep: 3, of: run.output, supervised.process)
      kill(try #require(children(of: supervised.process.identifier).first), SIGKILL)
      let result = try supervised.process.wait(timeout: 5)
      #expect(result.status == 137)
      #expect(result.errors.contains("error: mpirun was killed by signal 9 (SIGKILL) after step "))
      #expect(supervised.areRanksGone)
    }

    /// mpirun waits for minutes where a machine is lost with its ranks.
    @Test func mpirunDoesNotOutliveTheRanks() throws {
      let supervised = try start()
      try wait(forStep: 3, of: run.output, supervised.process)
      let ranks = try [0, 1].map { try supervised.process(ofRank: $0) }
      kill(try #require(children(of: supervised.process.identifier).first), SIGSTOP)
      for rank in ranks { kill(rank, SIGKILL) }
      let result = try supervised.process.wait(timeout: 25)
      #expect(result.status == 137)
      #expect(result.errors.contains("error: the ranks of this machine are gone after step "), "\(result.errors)")
      #expect(supervised.areRanksGone)
    }

    private func start(_ arguments: String..., environment: [String: String] = [:]) throws -> Supervised {
      Supervised(
        process: try RunningProcess(
          builtProgram, run.arguments + ["--ranks", "2"] + arguments, environment: environment),
        output: run.output)
    }
  }
}

/// A run under supervision, and a look at its ranks.
private struct Supervised {
  let process: RunningProcess
  let output: String

  func process(ofRank rank: Int) throws -> Int32 {
    let mark = "OMPI_COMM_WORLD_RANK=\(rank)"
    let ranks = children(of: process.identifier).flatMap(children)
    return try #require(ranks.first { kernelText("/proc/\($0)/environ").split(separator: "\0").contains(mark[...]) })
  }

  /// Whether no process is left that was started for this run.
  var areRanksGone: Bool {
    let names = (try? directoryEntries("/proc")) ?? []
    return !names.contains { Int($0) != nil && kernelText("/proc/\($0)/cmdline").contains(output) }
  }
}

private func children(of process: Int32) -> [Int32] {
  kernelText("/proc/\(process)/task/\(process)/children").split(separator: " ").compactMap { Int32($0) }
}

private func kernelText(_ path: String) -> String {
  guard let file = FileHandle(forReadingAtPath: path) else { return "" }
  return String(decoding: (try? file.readToEnd()) ?? Data(), as: UTF8.self)
}
