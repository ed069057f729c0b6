import Configuration
import Evaluation
import Files
import Reporting
import Studies
import TestSupport
import Testing

@Suite struct StudyTests {
  private let scenes: ScenesForStudies

  init() throws { scenes = try ScenesForStudies() }

  private func study(_ plan: StudyPlan) throws -> Study {
    Study(try scenes.expansion(plan), directory: scenes.directory)
  }

  private func run(_ study: inout Study, _ worker: ToldWorker) throws -> Bool {
    try study.run(worker) { _ in
    } end: { _, _, _ in
    }
  }

  @Test func figuresBecomeATable() throws {
    var study = try study(scenes.plan())
    let worker = ToldWorker(accuracy: ["plain": [50, 52, 54], "fast": [60, 61, 65]])
    #expect(try run(&study, worker))
    let result = try StudyResult(study)
    let (plain, fast) = (result.variants[0].figures[0], result.variants[1].figures[0])
    #expect(plain.values == [50, 52, 54] && fast.values == [60, 61, 65])
    #expect(plain.mean?.mean == 52 && plain.mean?.deviation == 2 && plain.difference == nil)
    let difference = try #require(fast.difference)
    // Differences 10, 9, 11: t = 10 / (1/√3), two degrees of freedom.
    #expect(difference.mean == 10 && abs((difference.p ?? 1) - 0.0033168) < 1e-6)
    #expect(fast.corrected == difference.p, "one comparison is not corrected")
    #expect(plain.testInterval == Interval(low: 51, high: 53))
    let noise = try #require(result.noise)
    // t of four degrees, 2.776, times 2 √(2/3).
    #expect(noise.deviation == 2 && abs(noise.smallest - 4.5338) < 1e-3)
    // Each sample counts by the mean over seeds: three of four groups differ.
    let paired = try #require(fast.bootstrap)
    // Of one of the five nobody knows what is right: the comparison says that it rests on four.
    #expect(paired.samples == 4)
    #expect(paired.difference == 25 && fast.mcNemar == McNemarTest(first: 1, second: 0))
    #expect(result.missing.isEmpty && result.document.document.contains("\"p_holm\""))
    #expect(result.table.contains("fast") && result.noiseWords?.hasPrefix("3 runs of plain") == true)
  }

  /// Stopped after any piece of work, by request or by the death of the process, the study ends with the same bytes, and nothing is done twice.
  @Test func anyInterruptionEndsInTheSameResult() throws {
    let accuracy = ["plain": [50.0, 52, 54], "fast": [60.0, 61, 65], "slow": [1.0, 2, 3]]
    let variants = ScenesForStudies.two + "\n  - {name: slow, from: first, differs: [samples, operations]}"
    let plan = try scenes.plan(
      more: "stages: [{name: first, set: {schedule.steps: 5}}]",
      variants: variants)
    var whole = try study(plan)
    let unbroken = ToldWorker(accuracy: accuracy)
    #expect(try run(&whole, unbroken))
    let expected = try StudyResult(whole).document.document
    let pieces = unbroken.done.count
    #expect(pieces == 21, "four trainings a seed, three of them measured")
    for death in [false, true] {
      try removeTree(scenes.directory)
      var done: [String] = []
      for _ in 0..<pieces - 1 {
        var broken = try study(plan)
        let worker = ToldWorker(accuracy: accuracy, stopAfter: 1, dies: death)
        if death {
          #expect(throws: ToldWorker.Death.self) { try run(&broken, worker) }
        } else {
          #expect(try run(&broken, worker) == false)
        }
        done += worker.done
      }
      var last = try study(plan)
      let worker = ToldWorker(accuracy: accuracy)
      #expect(try run(&last, worker))
      // A training that was not measured when the study ended is asked for again, and finds nothing left to do.
      #expect((done + worker.done).filter { !$0.hasPrefix("train") }.count == 9)
      #expect(try StudyResult(last).document.document == expected)
      let idle = ToldWorker(accuracy: accuracy)
      var again = try study(plan)
      #expect(try run(&again, idle) && idle.done.isEmpty)
    }
  }

  @Test func failuresAreListedAndTheRestGoesOn() throws {
    let variants = ScenesForStudies.two + "\n  - {name: late, from: first, differs: [samples, operations]}"
    let plan = try scenes.plan(more: "stages: [{name: first, set: {schedule.steps: 5}}]", variants: variants)
    var study = try study(plan)
    let worker = ToldWorker(accuracy: ["plain": [50, 52, 54], "fast": [60, 61, 65], "late": [1, 2, 3]])
    worker.failing = ["first 1", "fast 2"]
    #expect(try run(&study, worker))
    #expect(study.failures.map(\.folder).map { String($0.prefix { $0 != "-" }) } == ["first", "late", "fast"])
    try #require(study.failures.count == 3)
    #expect(study.failures[1].words.contains("its stage first-1-") && study.failures[0].code == 80)
    let result = try StudyResult(study)
    #expect(result.missing.count == 2 && result.missingWords.contains { $0.hasSuffix("it broke") })
    let fast = result.variants[1].figures[0]
    #expect(fast.values == [60, 61, nil] && fast.mean?.count == 2 && fast.difference?.count == 2)
    // Tried again, they are there.
    worker.failing = []
    var again = try self.study(plan)
    #expect(try run(&again, worker) && again.failures.isEmpty)
    #expect(try StudyResult(again).missing.isEmpty)
  }

  @Test func aFigureThatNobodySays() throws {
    var plan = try scenes.plan()
    plan.figures = [.init(figure: "acuracy")]
    var study = try study(plan)
    #expect(try run(&study, ToldWorker(accuracy: ["plain": [1, 2, 3], "fast": [1, 2, 3]])))
    #expect(study.failures.count == 6)
    #expect(study.failures.first?.words == "the evaluation says no acuracy; did you mean accuracy?")
  }

  /// A changed plan trains what has changed, and says whose folders are no longer its own.
  @Test func aChangedPlanTrainsWhatChanged() throws {
    var first = try study(scenes.plan())
    #expect(try run(&first, ToldWorker(accuracy: ["plain": [50, 52, 54], "fast": [60, 61, 65]])))
    var second = try study(scenes.plan(variants: ScenesForStudies.two.replacing("2e-3", with: "3e-3")))
    #expect(second.strangers().count == 3)
    let worker = ToldWorker(accuracy: ["plain": [0, 0, 0], "fast": [70, 71, 75]])
    #expect(try run(&second, worker))
    #expect(worker.done.count == 6 && worker.done.allSatisfy { $0.contains("fast") })
    #expect(try StudyResult(second).variants.map { $0.figures[0].values } == [[50, 52, 54], [70, 71, 75]])
  }

  @Test func aDamagedRecordIsSaid() throws {
    var study = try study(scenes.plan())
    #expect(try run(&study, ToldWorker(accuracy: ["plain": [1, 2, 3], "fast": [1, 2, 3]])))
    let path = study.expansion.runs[0].configuration.outputDirectory + "/measured.json"
    try writeAtomically("{".utf8, to: path)
    let error = #expect(throws: StudyError.self) { try run(&study, ToldWorker(accuracy: [:])) }
    #expect(error?.exitCode == .badData && error?.description.contains("remove it") == true)
  }
}

/// Says what it was told that runs would be measured at, without training anything.
private final class ToldWorker: StudyWorker {
  struct Death: Error {}

  /// By recipe, a seed after the other.
  let accuracy: [String: [Double]]
  let stopAfter: Int
  /// Whether it stops by an error, as a process that dies.
  let dies: Bool
  /// `recipe seed` of trainings that fail.
  var failing: [String] = []
  private(set) var done: [String] = []

  init(accuracy: [String: [Double]], stopAfter: Int = .max, dies: Bool = false) {
    (self.accuracy, self.stopAfter, self.dies) = (accuracy, stopAfter, dies)
  }

  private func stopping() throws -> Bool {
    guard done.count >= stopAfter else { return false }
    if dies { throw Death() }
    return true
  }

  func train(_ run: StudyRun, log: String) throws -> StudyOutcome {
    let name = "\(run.recipe) \(run.block.seed)"
    if failing.contains(name) { return .failed(words: "it broke", code: 80) }
    // What is trained already is not trained again: a real run goes on from its last checkpoint.
    let mark = run.configuration.outputDirectory + "/trained"
    if fileExists(mark) { return .done(memory: 1000) }
    if try stopping() { return .stopped }
    try writeAtomically([], to: mark)
    done.append("train " + name)
    return .done(memory: 1000)
  }

  func measure(_ run: StudyRun, without: [String], output: String, log: String) throws -> StudyOutcome {
    if try stopping() { return .stopped }
    let value = accuracy[run.recipe]?[Int(run.block.seed)] ?? 0
    let right = run.recipe == "fast" ? "[100, 100, 0, 100, null]" : "[100, 0, 0, 100, null]"
    let json = """
      {"accuracy": \(value), "intervals": {"accuracy": [\(value - 1), \(value + 1)]},
       "each": {"percent": \(right), "clusters": [0, 1, 2, 3, 4]}}
      """
    try writeAtomically(json.utf8, to: output)
    done.append("measure \(run.recipe) \(run.block.seed)")
    return .done(memory: 1000)
  }
}
