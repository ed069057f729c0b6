import Foundation
import Launching
import Reporting
import Testing
import mmtrain

/// Whether a run finds room in memory and on the disk, said before it begins.
@Suite struct RoomCheckTests {
  @Test(arguments: [
    (needed: 899, verdict: "fits"), (needed: 950, verdict: "fits, with little to spare"),
    (needed: 1001, verdict: "does not fit"),
  ])
  func memory(needed: Int, verdict: String) {
    let room = check(memoryNeeded: needed * 1_000_000)
    #expect(room.memoryVerdict == verdict)
    #expect((room.refusal == nil) == (needed <= 1000))
  }

  @Test func theRefusalSaysWhatToChange() {
    let refusal = check(memoryNeeded: 5_000_000_000, isGranted: true).refusal
    #expect(refusal?.exitCode == .configuration)
    let words = refusal?.description ?? ""
    #expect(
      words.hasPrefix(
        "the ranks on this machine need about 5000 MB of memory, and 1000 MB of 2000 MB that the control group grants are "
          + "free; lower batch.global, set batch.micro (clip) or memory.recompute: blocks"), "\(words)")
  }

  @Test(arguments: [
    (free: 600, verdict: "fits"), (free: 250, verdict: "room for 2 of up to 5 at once"),
    (free: 99, verdict: "does not fit"),
  ])
  func disk(free: Int, verdict: String) {
    let room = check(memoryNeeded: 1, diskFree: free * 1_000_000)
    #expect(room.diskVerdict == verdict)
    #expect((room.refusal == nil) == (free >= 100))
    #expect(room.refusal.map { $0.exitCode == .cannotCreateOutput } != false)
  }

  private func check(memoryNeeded: Int, isGranted: Bool = false, diskFree: Int = 1_000_000_000_000) -> RoomCheck {
    let budget = MemoryBudget(
      limit: 2_000_000_000, available: 1_000_000_000, isGranted: isGranted, kills: 0, machineKills: 0)
    return RoomCheck(
      memoryNeeded: memoryNeeded, memory: budget, checkpointBytes: 100_000_000, diskFree: diskFree, keep: 3,
      directory: "runs/a")
  }

  /// Docker gives 64 MB of /dev/shm.
  @Test(arguments: [(needed: 64, fits: true), (needed: 65, fits: false)])
  func sharedMemory(needed: Int, fits: Bool) {
    let budget = MemoryBudget(limit: 1 << 34, available: 1 << 34, isGranted: false, kills: 0, machineKills: 0)
    let room = RoomCheck(
      memoryNeeded: 1, memory: budget, shared: (needed * 1_000_000, 64_000_000), checkpointBytes: 1, diskFree: 1 << 30,
      keep: 3, directory: "runs/a")
    #expect((room.refusal == nil) == fits && room.memoryVerdict.hasPrefix("fits") == fits)
    #expect(room.refusal.map { $0.exitCode == .configuration && "\($0)".contains("--shm-size") } != false)
  }

  // MARK: Through the program

  /// No machine has room for the activations of a million pairs at once.
  private let tooMuch = ["--set", "model.preset=vit-l-14", "--set", "batch.global=1000000"]

  @Test func aDryRunPrintsThePlanAndRefuses() throws {
    let result = try Program.run(Program.path, ["train", "--dry-run"] + tooMuch)
    #expect(result.exitCode == 78)
    #expect(result.errors.contains("error: the ranks on this machine need about "))
    #expect(result.output.contains("does not fit"))
  }

  @Test func aRunThatDoesNotFitIsRefusedBeforeItBegins() throws {
    let output = FileManager.default.temporaryDirectory.path + "/mmtrain-\(UUID().uuidString)"
    for ranks in [[], ["--ranks", "2"]] {
      let result = try Program.run(Program.path, ["train", "--output", output] + tooMuch + ranks)
      #expect(result.exitCode == 78)
      #expect(result.errors.contains("MMTRAIN_ROOM_CHECK=0 starts it nevertheless"))
      #expect(!FileManager.default.fileExists(atPath: output))
    }
  }

  @Test func aDryRunEstimates() throws {
    let result = try Program.run("train", "--dry-run", "--json", "--set", "schedule.steps=100")
    let document = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
    let plan = try #require(document?["plan"] as? [String: Any])
    #expect(plan["memory_verdict"] as? String == "fits")
    let step = try #require(plan["step_seconds_estimate"] as? Double)
    #expect(step > 0.001 && step < 60)
    let run = try #require(plan["run_seconds_estimate"] as? Double)
    #expect(abs(run / (step * 100) - 1) < 1e-9)
    let text = try Program.run("train", "--dry-run", "--set", "schedule.steps=100").output
    let rows = text.split(separator: "\n").filter { $0.hasPrefix("# ") }
    for name in ["model", "memory of a rank", "memory here", "checkpoints", "samples", "steps", "time"] {
      #expect(rows.contains { $0.hasPrefix("# \(name) ") }, "\(name)")
    }
  }
}
