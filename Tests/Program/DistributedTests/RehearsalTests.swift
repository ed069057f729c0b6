import Files
import Foundation
import TestSupport
import Testing

extension UnderMPIRun {
  /// Faults that `--fault` makes happen, and what the run makes of them.
  @Suite struct RehearsalTests {
    private let directory: TemporaryDirectory
    private let workshop: Workshop

    init() throws {
      directory = try TemporaryDirectory()
      workshop = try Workshop.open()
    }

    /// Forty steps with a checkpoint and a comparison of the ranks after every tenth.
    private func run(_ faults: String..., settings: [String] = [], name: String = "run") -> (
      arguments: [String], output: String
    ) {
      let run = TinyRun(
        model: .clip, data: workshop.data, output: directory(name), steps: 40,
        settings: ["checkpoint.every_steps=10", "guard.check_every=10", "guard.window=40"] + settings)
      return (run.arguments + faults.flatMap { ["--fault", $0] }, run.output)
    }

    private func events(_ kind: String, _ output: String) throws -> [[String: Any]] {
      try String(decoding: readFile(output + "/metrics.jsonl"), as: UTF8.self).split(separator: "\n").compactMap {
        let object = try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
        return object?["event"] as? String == kind ? object : nil
      }
    }

    /// One rank's numbers are no numbers: all ranks leave the step out together, and say which samples it had.
    @Test(arguments: [("nan@25:1", [1]), ("infinity@25:1", []), ("nan@25:0", [0])])
    func aStepThatIsNotFiniteIsSkippedByAll(fault: String, ranks: [Int]) throws {
      let (arguments, output) = run(fault)
      let result = try Ranks(2).run(arguments)
      #expect(result.status == 0, "\(result.errors)")
      let skipped = try events("unsound_step", output)
      #expect(skipped.map { $0["step"] as? Int } == [25])
      #expect(skipped.first?["fault"] as? String == "not_finite")
      #expect(skipped.first?["cause"] as? String == "persistent", "damaged data are damaged again")
      #expect(skipped.first?["ranks"] as? [Int] == ranks)
      #expect(Set(skipped.first?["samples"] as? [String] ?? []).count == 16, "the whole global batch is named")
      #expect(try stepLines(of: output).map(\.step) == Array(1...24) + Array(26...40))
    }

    /// The same decisions, the same bits: where a run is stopped after a skipped step makes no difference.
    @Test func aSkippedStepSurvivesResuming() throws {
      let whole = run("nan@15:1", name: "whole")
      #expect(try Ranks(2).run(whole.arguments).status == 0)
      let pieces = run("nan@15:1", "user1@22:1", name: "pieces")
      #expect(try Ranks(2).run(pieces.arguments).status == 75)
      #expect(try Ranks(2).run(pieces.arguments).status == 0)
      for name in ["model.safetensors", "training_state/optimizer.safetensors"] {
        #expect(try readFile(whole.output + "/last/" + name) == readFile(pieces.output + "/last/" + name), "\(name)")
      }
    }

    @Test func aSpikeIsSkipped() throws {
      let (arguments, output) = run("spike@30:1")
      let result = try Ranks(2).run(arguments)
      #expect(result.status == 0, "\(result.errors)")
      let skipped = try events("unsound_step", output)
      #expect(skipped.map { $0["step"] as? Int } == [30])
      #expect(skipped.first?["fault"] as? String == "spike")
    }

    /// A bit of a summed gradient flips. Computed again the step is sound, so nothing is lost: the run ends with the bytes
    /// of one to which nothing happened.
    @Test func aFlippedBitInAGradientIsNoticedAndCostsNothing() throws {
      let (arguments, output) = run("flip-gradient@30:1")
      let result = try Ranks(2).run(arguments)
      #expect(result.status == 0, "\(result.errors)")
      let found = try events("unsound_step", output)
      #expect(found.map { $0["cause"] as? String } == ["transient"])
      let (sound, soundOutput) = run(name: "sound")
      #expect(try Ranks(2).run(sound).status == 0)
      #expect(
        try readFile(output + "/last/model.safetensors") == readFile(soundOutput + "/last/model.safetensors"))
    }

    @Test func tooManyUnsoundStepsEndTheRun() throws {
      let (arguments, output) = run("nan@21:1", "nan@23:1", "nan@24:0", settings: ["guard.max_skips=2"])
      let result = try Ranks(2).run(arguments)
      #expect(result.status == 80)
      #expect(result.errors.contains("3 of the last 40 steps had to be skipped (21, 23, 24)"), "\(result.errors)")
      #expect(linkTarget(output + "/last") == "checkpoints/step-0000020", "the checkpoint before is whole")
    }

    /// Weights and moments are those of the checkpoint before the first spike, and the batches since then are passed over:
    /// what is saved after step 31 is what was saved after step 20, and not the checkpoint of step 30, within the spikes.
    @Test func spikesThatDoNotEndPutTheWeightsBack() throws {
      let (arguments, output) = run(
        "spike@29:1", "spike@30:1", "spike@31:1", settings: ["guard.max_skips=2", "checkpoint.keep=10"])
      let result = try Ranks(2).run(arguments)
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.errors.contains("weights and moments are again those of step 20"), "\(result.errors)")
      let rewound = try events("rewound", output)
      #expect(rewound.map { $0["step"] as? Int } == [31] && rewound.map { $0["to_step"] as? Int } == [20])
      for name in ["model.safetensors", "training_state/optimizer.safetensors"] {
        let back = try readFile(output + "/checkpoints/step-0000031/" + name)
        #expect(try back == readFile(output + "/checkpoints/step-0000020/" + name), "\(name)")
        #expect(try back != readFile(output + "/checkpoints/step-0000040/" + name), "the run goes on: \(name)")
      }
      #expect(try stepLines(of: output).last?.step == 40)
    }

    /// A run that is broken off after it was put back goes on as the unbroken one, and remembers how often that was.
    @Test func aRewindSurvivesResuming() throws {
      let faults = ["spike@25:1", "spike@26:1"]
      let settings = ["guard.max_skips=1"]
      let whole = run(faults[0], faults[1], settings: settings, name: "whole")
      #expect(try Ranks(2).run(whole.arguments).status == 0)
      let pieces = run(faults[0], faults[1], "kill@29:0", settings: settings, name: "pieces")
      #expect(try Ranks(2).run(pieces.arguments).status == 137)
      #expect(try Ranks(2).run(pieces.arguments).status == 0)
      for name in ["model.safetensors", "training_state/optimizer.safetensors"] {
        #expect(try readFile(whole.output + "/last/" + name) == readFile(pieces.output + "/last/" + name), "\(name)")
      }
      let state = try String(decoding: readFile(pieces.output + "/last/training_state/state.json"), as: UTF8.self)
      #expect(state.contains(#""rewinds" : 1"#))
    }

    @Test(arguments: [["guard.rewinds=0"], ["checkpoint.every_steps=30"]])
    func spikesEndTheRunWhereNothingCanBePutBack(settings: [String]) throws {
      let (arguments, _) = run("spike@25:1", "spike@26:1", settings: ["guard.max_skips=1"] + settings)
      let result = try Ranks(2).run(arguments)
      #expect(result.status == 80, "\(result.errors)")
      #expect(result.errors.contains("2 of the last 40 steps had to be skipped (25, 26)"), "\(result.errors)")
    }

    /// Nodes keep replicas of their own, so a flipped bit stays: most of three know better.
    @Test func aFlippedBitInTheWeightsIsHealedByTheMajority() throws {
      let (arguments, output) = run("flip-weight@25:1")
      let result = try Ranks(3, nodeSize: 1).run(arguments)
      #expect(result.status == 0, "\(result.errors)")
      let healed = try events("weights_healed", output)
      #expect(!healed.isEmpty)
      #expect(
        healed.allSatisfy { $0["ranks"] as? [Int] == [1] && $0["source"] as? Int == 0 && $0["step"] as? Int == 30 })
      #expect(result.errors.contains("of rank 1 were not those of the other ranks"))
    }

    @Test func aFlippedBitInTheWeightsOfOneOfTwoEndsTheRun() throws {
      let (arguments, output) = run("flip-weight@25:1")
      let result = try Ranks(2, nodeSize: 1).run(arguments)
      #expect(result.status == 81)
      #expect(result.errors.contains("of the weights differs on rank 1 from rank 0"), "\(result.errors)")
      #expect(linkTarget(output + "/last") == "checkpoints/step-0000020", "what is spoilt is never saved")
    }

    @Test func ranksThatPartWaysAreFound() throws {
      let result = try Ranks(2).run(run("order@12:1").arguments)
      #expect(result.status == 81)
      #expect(result.errors.contains("but rank 1 to barrier 'a call that only rank 1 makes'"), "\(result.errors)")
    }

    @Test func aRankThatFailsGivesItsCode() throws {
      let result = try Ranks(2).run(run("exit@12:1").arguments)
      #expect(result.status == 70)
      #expect(result.errors.contains("error: rank 1: the fault exit@12:1"))
    }

    /// A disk that is full for a while costs a checkpoint and not the run.
    @Test(arguments: ["disk-full@20:0", "disk-error@20:0"])
    func aSaveThatFailsIsTriedAgainLater(fault: String) throws {
      let (arguments, output) = run(fault)
      let result = try Ranks(2).run(arguments)
      #expect(result.status == 0, "\(result.errors)")
      #expect(try events("checkpoint_failed", output).map { $0["step"] as? Int } == [20])
      #expect(result.errors.contains("WARNING: step 20 could not be saved"))
      #expect(
        try directoryEntries(output + "/checkpoints").sorted() == ["step-0000010", "step-0000030", "step-0000040"])
    }

    @Test func aLastSaveThatFailsEndsTheRunWith74() throws {
      let (arguments, output) = run("disk-full@40:0")
      let result = try Ranks(2).run(arguments)
      #expect(result.status == 74, "\(result.errors)")
      #expect(linkTarget(output + "/last") == "checkpoints/step-0000030")
      #expect(
        try directoryEntries(output + "/checkpoints").sorted() == ["step-0000010", "step-0000020", "step-0000030"])
    }

    /// The fault is written down before it happens, so the run that goes on does not meet it again.
    @Test(arguments: ["kill@25:1", "kill-in-save@20:0"])
    func aKilledRankIsSurvived(fault: String) throws {
      let (arguments, output) = run(fault)
      #expect(try Ranks(2).run(arguments).status == 137)
      let again = try Ranks(2).run(arguments)
      #expect(again.status == 0, "\(again.errors)")
      let (sound, soundOutput) = run(name: "sound")
      #expect(try Ranks(2).run(sound).status == 0)
      #expect(
        try readFile(output + "/last/model.safetensors") == readFile(soundOutput + "/last/model.safetensors"))
    }

    /// Under mpirun a second is all there is between SIGTERM and SIGKILL: enough for a small model.
    @Test func aTerminationIsAnsweredInTime() throws {
      let (arguments, output) = run("terminate@15:all")
      let result = try Ranks(2).run(arguments)
      #expect(result.status == 75)
      #expect(linkTarget(output + "/last") == "checkpoints/step-0000015")
    }

    /// Where there is no time, it is said how much is lost, and the checkpoint before is what stays.
    @Test func aTerminationWithoutTimeKeepsTheCheckpointBefore() throws {
      let (arguments, output) = run("terminate@15:all")
      let result = try Ranks(2).run(arguments, environment: ["OMPI_MCA_odls_base_sigkill_timeout": "0"])
      #expect(result.status == 75)
      #expect(result.errors.contains("stopped at step 15 without time to save"), "\(result.errors)")
      #expect(result.errors.contains("5 steps after the newest checkpoint"))
      #expect(linkTarget(output + "/last") == "checkpoints/step-0000010")
    }

    /// A request to stop at the end of an epoch, and in the last step, puts the validation off until the run goes on.
    @Test(arguments: [8, 40]) func aStopPutsTheValidationOff(step: Int) throws {
      let settings = ["evaluation.every_epochs=1"]
      let whole = run(settings: settings, name: "whole")
      #expect(try Ranks(2).run(whole.arguments).status == 0)
      let (arguments, output) = run("user1@\(step):1", settings: settings)
      let stopped = try Ranks(2).run(arguments)
      #expect(stopped.status == 75, "\(stopped.errors)")
      let again = try Ranks(2).run(arguments)
      #expect(again.status == 0, "\(again.errors)")
      let steps = { (events: [[String: Any]]) in events.map { $0["step"] as? Int } }
      #expect(try steps(events("evaluation", output)) == steps(events("evaluation", whole.output)))
      #expect(linkTarget(output + "/best") == linkTarget(whole.output + "/best"))
    }

    @Test func aSlowRankIsNamed() throws {
      let (arguments, output) = run("slow@11:1")
      let result = try Ranks(2).run(arguments)
      #expect(result.status == 0, "\(result.errors)")
      let named = try events("ranks", output).filter { ($0["stragglers"] as? [Int])?.isEmpty == false }
      #expect(named.allSatisfy { $0["stragglers"] as? [Int] == [1] })
      #expect(named.contains { $0["step"] as? Int == 20 })
      #expect(result.errors.contains("rank 1 takes "))
    }

    @Test func aChangedDataSetIsRefusedUnlessAccepted() throws {
      // The path is part of the configuration: the set itself must change under it.
      let link = directory("link")
      try replaceLink(link, target: workshop.data)
      let (linked, linkedOutput) = run("user1@15:0", settings: ["data.path=\(link)"], name: "linked")
      #expect(try Ranks(1).run(linked).status == 75)
      try replaceLink(link, target: workshop.otherData)
      let refused = try Ranks(1).run(linked)
      #expect(refused.status == 78)
      #expect(refused.errors.contains("--accept-data-change"), "\(refused.errors)")
      let accepted = try Ranks(1).run(linked + ["--accept-data-change"])
      #expect(accepted.status == 0, "\(accepted.errors)")
      #expect(accepted.errors.contains("going on with another data set"))
      #expect(linkTarget(linkedOutput + "/last") == "checkpoints/step-0000040")
    }
  }
}
