import Files
import Foundation
import Randomness
import TestSupport
import Testing

/// A long run of four ranks to which everything happens that can be made to happen: `MMTRAIN_SOAK_MINUTES` says how long.
///
/// Each life of the job meets faults that it must live through (`--fault`: numbers, slow ranks, a full disk) and ends by one
/// that it cannot (a killed rank, a stopped one, a request to stop); then the same command is given again.
@Suite(.serialized, .enabled(if: soakIsAskedFor))
struct SoakTests {
  private enum Ending: String, CaseIterable { case killOne, killAll, stopOne, user1, user1ToOne, killInSave }

  @Test func fourRanksLiveThroughAnything() throws {
    let environment = ProcessInfo.processInfo.environment
    let minutes = Double(environment["MMTRAIN_SOAK_MINUTES"] ?? "") ?? 60
    var soak = try Soak(seed: UInt64(environment["MMTRAIN_SEED"] ?? "") ?? 1)
    let end = Date(timeIntervalSinceNow: minutes * 60)
    while Date() < end {
      let ending = Ending.allCases[soak.random.integer(below: Ending.allCases.count)]
      let life = min(end.timeIntervalSinceNow, 120 + Double(soak.random.integer(below: 240)))
      let victim = soak.random.integer(below: 4)
      try soak.live(seconds: life, fatal: ending == .killInSave ? "kill-in-save" : nil) { ranks, process in
        switch ending {
        case .killOne: kill(ranks[victim], SIGKILL)
        case .killAll: for rank in ranks { kill(rank, SIGKILL) }
        case .stopOne: kill(ranks[victim], SIGSTOP)
        case .user1, .killInSave: process.send(SIGUSR1)
        case .user1ToOne: kill(ranks[victim], SIGUSR1)
        }
      }
    }
    print(soak.report(minutes: minutes))
    #expect(soak.unexpectedEnds == [])
    #expect(soak.memoryGrowth <= 0.02, "memory of the ranks, from when the first life was warm to the last one's end")
  }
}

private struct Soak {
  var random: RandomStream
  private let directory: TemporaryDirectory
  private let data: String
  private let start = Date()
  private var lives = 0
  private var statuses: [Int32: Int] = [:]
  private(set) var unexpectedEnds: [String] = []
  /// Resident bytes of all ranks, of each life: when it had warmed up, and at its end.
  private var memory: [(warm: Int, end: Int)] = []
  private var output: String { directory("run") }

  init(seed: UInt64) throws {
    random = RandomStream(seed: seed, 99)
    directory = try TemporaryDirectory()
    data = try Workshop.open().data
  }

  /// One life of the job.
  mutating func live(seconds: Double, fatal: String?, _ finish: ([Int32], RunningProcess) -> Void) throws {
    lives += 1
    let reached = try stepLines(of: output).last?.step ?? 0
    let harmless = ["nan", "infinity", "spike", "flip-gradient", "slow", "disk-full", "disk-error"]
    var faults = (0..<4).map { _ in
      "\(harmless[random.integer(below: harmless.count)])@\(reached + 50 + random.integer(below: 2000)):\(random.integer(below: 4))"
    }
    if let fatal { faults.append("\(fatal)@\(reached + 200 + random.integer(below: 500)):0") }
    for rank in 0..<4 { try removeTree(directory("process-\(rank)")) }
    let process = try Ranks(4).start(
      arguments + faults.flatMap { ["--fault", $0] },
      shell: #"echo $$ > "$PROCESS_OF_RANK$OMPI_COMM_WORLD_RANK"; exec "$@""#,
      environment: ["PROCESS_OF_RANK": directory("process-"), "MMTRAIN_HANG_SECONDS": "20"])
    let end = Date(timeIntervalSinceNow: seconds)
    var (warm, last) = (0, 0)
    while Date() < end, process.isRunning {
      Thread.sleep(forTimeInterval: 1)
      let bytes = residentBytes()
      if bytes > 0 { last = bytes }
      // The pool of tensors grows until it has met the longest captions in every combination: some hundred steps.
      if warm == 0, (try stepLines(of: output).last?.step ?? 0) > reached + 700 { warm = last }
    }
    if warm > 0, last > 0 { memory.append((warm, last)) }
    let ranks = try (0..<4).map { try processNumber(directory("process-\($0)")) }
    if process.isRunning { finish(ranks, process) }
    let result = try process.wait(timeout: 120)
    statuses[result.status, default: 0] += 1
    if ![75, 137, 82].contains(result.status) {
      unexpectedEnds.append("life \(lives): \(result.status): \(result.errors.suffix(2000))")
    }
  }

  /// The preset's own model, on a set so small that epochs, validations and checkpoints come often.
  private var arguments: [String] {
    ["train", "--threads", "1", "--output", output]
      + [
        "data.path=\(data)", "batch.global=32", "schedule.steps=10000000", "schedule.decay=constant",
        "checkpoint.every_steps=50", "guard.check_every=50", "guard.max_skips=50", "evaluation.every_epochs=25",
      ].flatMap { ["--set", $0] }
  }

  /// Of the four ranks, what is theirs alone and what they share once a rank.
  private func residentBytes() -> Int {
    (0..<4).reduce(0) { sum, rank in
      guard let process = try? processNumber(directory("process-\(rank)")),
        let text = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8),
        let line = text.split(separator: "\n").first(where: { $0.hasPrefix("VmRSS:") }),
        let kilobytes = Int(line.filter(\.isNumber))
      else { return 0 }
      return sum + kilobytes << 10
    }
  }

  /// From the first life that warmed up to the end of the last one.
  var memoryGrowth: Double {
    guard let first = memory.first, let last = memory.last else { return .infinity }
    return Double(last.end) / Double(first.warm) - 1
  }

  func report(minutes: Double) -> String {
    let lines = (try? readFile(output + "/metrics.jsonl")) ?? []
    let events = lines.split(separator: UInt8(ascii: "\n")).compactMap {
      try? JSONSerialization.jsonObject(with: Data($0)) as? [String: Any]
    }
    func count(_ name: String) -> Int { events.count { $0["event"] as? String == name } }
    var useful: [Int: Double] = [:]
    for event in events where event["event"] as? String == "step" {
      if let step = event["step"] as? Int { useful[step] = event["step_seconds"] as? Double }
    }
    let wall = Date().timeIntervalSince(start)
    let worst = memory.map { Double($0.end) / Double($0.warm) - 1 }.max() ?? 0
    let first = memory.first?.warm ?? 0
    return """
      soak: \(Int(wall)) s, \(lives) lives (exit codes \(statuses.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", "))), \
      \(useful.count) steps that count of \(count("step")) done, \(count("checkpoint")) checkpoints, \
      \(count("checkpoint_failed")) failed saves, \(count("unsound_step")) unsound steps, goodput \
      \(useful.values.reduce(0, +) / wall), memory \(first >> 20) MiB at first, \((memory.last?.end ?? 0) >> 20) MiB at the \
      end, growth \(memoryGrowth), largest within a life \(worst)
      """
  }
}

private let soakIsAskedFor: Bool = ProcessInfo.processInfo.environment["MMTRAIN_SOAK_MINUTES"] != nil
