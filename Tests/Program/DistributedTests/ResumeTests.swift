import Files
import Foundation
import TestSupport
import Testing

extension UnderMPIRun {
  /// A run that was stopped, however, and started again by the same command ends with the bytes of an unbroken one.
  @Suite struct ResumeTests {
    /// Checkpoints are made after every second step; steps 1–4 are epoch 0. Where rank 0 dies, it may be at saving.
    @Test(arguments: [(rank: 1, step: 3), (rank: 0, step: 8)])
    func afterARankWasKilled(rank: Int, step: Int) throws {
      let directory = try TemporaryDirectory()
      let run = TinyRun.long(data: try Workshop.open().data, output: directory("run"))
      try lose(rank, of: run, after: step, directory)
      try plantHalfCheckpoint(run)
      try expectToEndAsUnbroken(run)
      let names = try directoryEntries(run.output) + directoryEntries(run.output + "/checkpoints")
      #expect(names.filter { $0.contains(".tmp-") } == [], "what the killed process left behind is cleared away")
    }

    /// One objective a step, drawn, words masked anew in each: a run that goes on draws and masks as if nothing had been.
    @Test func aSampledMixAfterARankWasKilled() throws {
      let directory = try TemporaryDirectory()
      var whole = TinyRun.long(data: try Workshop.open().data, output: directory("whole"))
      whole.settings += ["model.text.causal=false", "objective.masked_text=2", "objective.mix=sampled"]
      #expect(try Ranks(2).run(whole.arguments).status == 0)
      var run = whole
      run.output = directory("run")
      try lose(1, of: run, after: 5, directory)
      try expectToEndAsUnbroken(run, whole.output)
      let objectives = Set(try stepLines(of: whole.output).flatMap(\.losses.keys))
      #expect(objectives == ["contrastive", "matching", "masked_text"])
    }

    @Test func afterARequestToStop() throws {
      let directory = try TemporaryDirectory()
      let run = TinyRun.long(data: try Workshop.open().data, output: directory("run"))
      let process = try Ranks(2).start(run.arguments)
      try wait(forStep: 5, of: run.output, process)
      process.send(SIGUSR1)
      let stopped = try process.wait()
      #expect(stopped.status == 75, "\(stopped.errors)")
      let step = try lastStep(run)
      try #require(step < run.steps, "it was over before it was stopped")
      #expect(stopped.errors.contains("stopped on request at step \(step)"))
      #expect(try checkpointStep(run) == step, "the step of the stop is saved")
      try expectToEndAsUnbroken(run)
    }

    /// What a run began from may be gone when it goes on: its own checkpoint has all that is needed.
    @Test func withoutTheWeightsThatItBeganFrom() throws {
      let workshop = try Workshop.open()
      let directory = try TemporaryDirectory()
      let first = directory("first")
      try FileManager.default.copyItem(
        atPath: workshop.unbroken + "/checkpoints/step-0000040", toPath: first)
      let settings = ["initialize.weights=\(first)", "schedule.decay=constant"]
      var run = TinyRun(data: workshop.data, output: directory("run"), steps: 3, settings: settings)
      #expect(try Ranks(2).run(run.arguments).status == 0)
      try removeTree(first)
      run.steps = 5
      let resumed = try Ranks(2).run(run.arguments)
      #expect(resumed.status == 0 && resumed.errors.contains("going on after step 3"), "\(resumed.errors)")
      run.output = directory("other")
      #expect(try Ranks(2).run(run.arguments).status == 66)
    }

    /// With other ranks the bytes differ, as sums are taken in another order; the samples go on as before.
    @Test(arguments: [Ranks(1), Ranks(4), Ranks(3, nodeSize: 2)])
    func onAnotherNumberOfRanks(ranks: Ranks) throws {
      let workshop = try Workshop.open()
      let directory = try TemporaryDirectory()
      let run = TinyRun.long(data: workshop.data, output: directory("run"))
      let resumed = try ranks.run(
        run.arguments + ["--resume", workshop.unbroken + "/checkpoints/step-0000006"])
      #expect(resumed.status == 0, "\(resumed.errors)")
      let lines = try stepLines(of: run.output)
      let expected = try stepLines(of: workshop.unbroken).dropFirst(6)
      #expect(lines.map(\.step) == Array(7...run.steps))
      #expect(lines.map(\.epoch) == expected.map(\.epoch))
      #expect(difference(lines.prefix(10).map(\.loss), expected.prefix(10).map(\.loss), relative: 1e-4) == nil)
      #expect(try checkpointStep(run) == run.steps)
    }

    /// Where parts of the moments lie on several nodes, and where products are bfloat16, a run in two pieces also ends
    /// with the bytes of one in one piece.
    @Test(arguments: [
      (ranks: Ranks(3, nodeSize: 2), precision: "fp32"), (ranks: Ranks(2), precision: "bf16"),
      (ranks: Ranks(1), precision: "bf16"),
    ])
    func inTwoPieces(ranks: Ranks, precision: String) throws {
      let directory = try TemporaryDirectory()
      let data = try Workshop.open().data
      let settings = ["precision=\(precision)", "schedule.decay=constant", "checkpoint.every_steps=3"]
      let whole = TinyRun(data: data, output: directory("whole"), steps: 7, settings: settings)
      var pieces = TinyRun(data: data, output: directory("pieces"), steps: 3, settings: settings)
      #expect(try ranks.run(whole.arguments).status == 0)
      #expect(try ranks.run(pieces.arguments).status == 0)
      pieces.steps = 7
      let resumed = try ranks.run(pieces.arguments)
      #expect(resumed.status == 0 && resumed.errors.contains("going on after step 3"), "\(resumed.errors)")
      for name in ["model.safetensors", "training_state/optimizer.safetensors"] {
        #expect(try readFile(whole.output + "/last/" + name) == readFile(pieces.output + "/last/" + name), "\(name)")
      }
    }

    /// Starts a run of two ranks, and kills one of them once so many steps are done.
    private func lose(_ rank: Int, of run: TinyRun, after step: Int, _ directory: TemporaryDirectory) throws {
      let process = try Ranks(2).start(
        run.arguments, shell: #"echo $$ > "$PROCESS_OF_RANK$OMPI_COMM_WORLD_RANK"; exec "$@""#,
        environment: ["PROCESS_OF_RANK": directory("process-")])
      try wait(forStep: step, of: run.output, process)
      kill(try processNumber(directory("process-\(rank)")), SIGKILL)
      let killed = try process.wait()
      #expect(killed.status == 137, "a rank that is killed ends all: \(killed.errors)")
      try #require(try lastStep(run) < run.steps, "it was over before it was killed")
    }

    /// Gives the command once more, and compares weights and moments at the end.
    /// - Parameter unbroken: the directory of the same run in one piece; nil is the workshop's.
    private func expectToEndAsUnbroken(_ run: TinyRun, _ unbroken: String? = nil) throws {
      let saved = try checkpointStep(run)
      let again = try Ranks(2).run(run.arguments)
      #expect(again.status == 0, "\(again.errors)")
      #expect(again.errors.contains("going on after step \(saved)"))
      #expect(try checkpointStep(run) == run.steps)
      let unbroken = try unbroken ?? Workshop.open().unbroken
      for name in ["model.safetensors", "training_state/optimizer.safetensors"] {
        let bytes = try readFile(run.output + "/last/" + name)
        #expect(bytes.count > 1000)
        #expect(try bytes == readFile(unbroken + "/last/" + name), "\(name) after going on from step \(saved)")
      }
      #expect(try stepLines(of: run.output).map(\.loss) == stepLines(of: unbroken).map(\.loss))
    }

    /// Puts a checkpoint there that the killed rank 0 did not finish, in case it was not at one just then.
    private func plantHalfCheckpoint(_ run: TinyRun) throws {
      let lock = String(decoding: try readFile(run.output + "/.lock"), as: UTF8.self)
      let words = lock.split { $0 == " " || $0 == "\n" }
      try #require(words.count == 6, "pid NUMBER on HOST started TICKS, not \(lock)")
      try makeDirectory(run.output + "/checkpoints/step-0000099.tmp-\(words[3])-\(words[1])-\(words[5])")
    }

    private func lastStep(_ run: TinyRun) throws -> Int { try #require(try stepLines(of: run.output).last).step }

    /// The step of the checkpoint that `last` names.
    private func checkpointStep(_ run: TinyRun) throws -> Int {
      let target = try #require(linkTarget(run.output + "/last"))
      return try #require(target.split(separator: "-").last.flatMap { Int($0) })
    }
  }
}
