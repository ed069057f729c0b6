import Files
import Foundation
import Synchronization
import TestSupport
import Testing

extension UnderMPIRun {
  /// A request to stop is answered in a save's time, in whatever a run is just doing.
  @Suite struct StopTests {
    private let directory: TemporaryDirectory
    private let run: TinyRun

    init() throws {
      directory = try TemporaryDirectory()
      run = TinyRun.long(data: try Workshop.open().data, output: directory("run"))
    }

    @Test(arguments: [SIGHUP, SIGTERM, SIGINT, SIGUSR1]) func oneProcessSavesAndStops(signal: Int32) throws {
      let process = try RunningProcess(builtProgram, run.arguments)
      try wait(forStep: 3, of: run.output, process)
      process.send(signal)
      let result = try process.wait()
      #expect(result.status == 75, "\(result.errors)")
      let step = try #require(try stepLines(of: run.output).last).step
      #expect(result.errors.contains("stopped on request at step \(step)"), "\(result.errors)")
      #expect(try savedStep(run.output) == step)
    }

    /// As under `nohup`, and for what a script starts in the background.
    @Test(arguments: [("HUP", SIGHUP), ("INT", SIGINT)], [["--ranks", "2"], []])
    func whatWasIgnoredStaysIgnored(signal: (name: String, number: Int32), ranks: [String]) throws {
      let process = try RunningProcess(
        "/bin/sh", ["-c", "trap '' \(signal.name); exec \"$@\"", "sh", builtProgram] + run.arguments + ranks)
      try wait(forStep: 3, of: run.output, process)
      process.send(signal.number)
      let result = try process.wait()
      #expect(result.status == 0, "\(result.errors)")
      #expect(try stepLines(of: run.output).last?.step == run.steps)
    }

    /// The measuring is cut off, and made up for when the run goes on.
    @Test(arguments: [[], ["--ranks", "2"]]) func measuringIsCutOff(ranks: [String]) throws {
      let slow = slowlyMeasured
      let process = try RunningProcess(builtProgram, slow.arguments + ranks)
      try wait(forStep: slow.steps, of: slow.output, process)
      Thread.sleep(forTimeInterval: 0.5)  // a step is written down before its request is looked at
      process.send(SIGUSR1)
      let result = try process.wait()
      #expect(result.status == 75, "\(result.errors)")
      #expect(result.errors.contains("measuring on the validation split is put off"), "\(result.errors)")
      #expect(try savedStep(slow.output) == slow.steps, "nothing trained is lost")
      #expect(try events("evaluation", of: slow.output) == 0)
      let again = try RunningProcess(builtProgram, slow.arguments + ranks).wait()
      #expect(again.status == 0, "\(again.errors)")
      #expect(try events("evaluation", of: slow.output) == 1)
      #expect(try stepLines(of: slow.output).map(\.step) == [1, 2], "no step was done again")
    }

    @Test(arguments: [[], ["--ranks", "2"]]) func drawingIsCutOff(ranks: [String]) throws {
      let arguments = ["train", "--threads", "1", "--output", directory("drawn")] + ranks
      let process = try RunningProcess(
        "/bin/sh", ["-c", "cd '\(directory.path)' && exec \"$@\"", "sh", builtProgram] + arguments)
      let deadline = Date(timeIntervalSinceNow: 30)
      while !isDirectory(directory("prepared")), Date() < deadline { usleep(1000) }
      process.send(SIGTERM)
      let asked = Date()
      let result = try process.wait()
      #expect(result.status == 75, "\(result.errors)")
      #expect(Date().timeIntervalSince(asked) < 4)
      #expect(
        result.errors.contains("stopped before the first step; the same command begins again"), "\(result.errors)")
    }

    @Test(arguments: [[], ["--ranks", "2"]]) func fetchingIsCutOff(ranks: [String]) throws {
      let hub = try ToyHub()
      let isAsked = Atomic(false)
      let isOver = Atomic(false)
      hub.interfere { request in
        guard request.path.hasPrefix("/storage/") else { return nil }
        var answer = LoopbackAnswer.file(ToyHub.weights, etag: "\"storage\"", to: request)
        answer.pause = (
          150_000,
          {
            isAsked.store(true, ordering: .relaxed)
            while !isOver.load(ordering: .relaxed) { usleep(1000) }
          }
        )
        return answer
      }
      defer { isOver.store(true, ordering: .relaxed) }
      let process = try RunningProcess(
        builtProgram, run.arguments + ["--set", "initialize.weights=owner/model"] + ranks, environment: hub.environment)
      let deadline = Date(timeIntervalSinceNow: 30)
      while !isAsked.load(ordering: .relaxed), Date() < deadline { usleep(1000) }
      process.send(SIGTERM)
      let asked = Date()
      let result = try process.wait()
      #expect(result.status == 75, "\(result.errors)")
      #expect(Date().timeIntervalSince(asked) < 4)
      #expect(
        result.errors.contains("stopped before the first step; the same command begins again"), "\(result.errors)")
    }

    /// Ctrl-S, `| less`, a terminal over a dead connection: the pipe is full, and nobody reads.
    @Test(arguments: [[], ["--ranks", "2"]]) func aReaderWhoStoppedReadingIsNotWaitedFor(ranks: [String]) throws {
      let pipe = directory("pipe")
      let script = "mkfifo '\(pipe)'; exec 3<> '\(pipe)'; head -c 65536 /dev/zero >&3; exec \"$@\" 2>&3"
      let process = try RunningProcess("/bin/sh", ["-c", script, "sh", builtProgram] + run.arguments + ranks)
      try wait(forStep: 3, of: run.output, process)
      process.send(SIGTERM)
      let result = try process.wait(timeout: 25)
      #expect(result.status == 75)
      let step = try #require(try stepLines(of: run.output).last).step
      #expect(try savedStep(run.output) == step)
    }

    /// A file that outgrows its limit is a save that failed.
    @Test func aLimitOfFileSizesIsAFullDisk() throws {
      let result = try RunningProcess(
        "/bin/bash", ["-c", "ulimit -f 100; exec \"$@\"", "bash", builtProgram] + run.arguments
      ).wait()
      #expect(result.status == 74, "\(result.errors)")
      #expect(result.errors.contains("could not be saved"), "\(result.errors)")
      #expect(result.errors.contains("File too large"), "\(result.errors)")
      #expect(try stepLines(of: run.output).last?.step == run.steps, "only the last save must succeed")
    }

    @Test func aLimitOfAddressesIsRefusedByName() throws {
      let result = try RunningProcess(
        "/bin/bash", ["-c", "ulimit -v 300000; exec \"$@\"", "bash", builtProgram] + run.arguments
      ).wait(timeout: 10)
      #expect(result.status == 78, "\(result.errors)")
      #expect(result.errors.contains("error: the address space is limited to 307 MB (ulimit -v"), "\(result.errors)")
    }

    /// Two steps; measuring takes seconds, as the model is large beside its batch.
    private var slowlyMeasured: TinyRun {
      TinyRun(
        model: .clip, data: run.data, output: directory("slow"), steps: 2,
        settings: [
          "batch.global=2", "model.vision.image_size=128", "model.vision.width=256", "model.vision.layers=8",
          "model.vision.heads=4", "evaluation.split=train", "schedule.warmup_steps=1",
        ])
    }

    private func savedStep(_ run: String) throws -> Int? {
      linkTarget(run + "/last")?.split(separator: "-").last.flatMap { Int($0) }
    }

    private func events(_ name: String, of run: String) throws -> Int {
      String(decoding: try readFile(run + "/metrics.jsonl"), as: UTF8.self).split(separator: "\n")
        .count { $0.contains("\"event\":\"\(name)\"") }
    }
  }
}
