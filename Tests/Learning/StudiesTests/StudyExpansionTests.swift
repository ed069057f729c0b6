import Configuration
import Files
import Reporting
import Studies
import TestSupport
import Testing

@Suite struct StudyExpansionTests {
  private let scenes: ScenesForStudies

  init() throws { scenes = try ScenesForStudies() }

  @Test func wholeBlocksComeFirst() throws {
    let expansion = try scenes.expansion(scenes.plan(seeds: "[3, 5]"))
    #expect(expansion.runs.map { "\($0.recipe) \($0.block.seed)" } == ["plain 3", "fast 3", "plain 5", "fast 5"])
    #expect(Set(expansion.runs.map(\.hash)).count == 4 && Set(expansion.runs.map(\.folder)).count == 4)
    for run in expansion.runs {
      #expect(run.configuration.seed == run.block.seed)
      #expect(run.configuration.outputDirectory == scenes.directory + "/runs/" + run.folder)
      #expect(run.size.steps == 4 && run.size.samples == 32 && run.size.operations > 0 && run.size.parameters > 0)
    }
    #expect(expansion.remarks.isEmpty)
  }

  /// What decides figures decides the hash, and where the study lies does not.
  @Test func hashesAreOfContent() throws {
    let plan = try scenes.plan()
    let runs = try scenes.expansion(plan).runs
    let elsewhere = try StudyExpansion(
      plan, path: "other.yaml", directory: scenes.place("elsewhere"), builtInSet: scenes.data, ranks: 1
    ) { $0 }.runs
    #expect(runs.map(\.hash) == elsewhere.map(\.hash))
    let changed = try scenes.expansion(
      scenes.plan(variants: ScenesForStudies.two.replacing("2e-3", with: "3e-3"))
    ).runs
    #expect(zip(runs, changed).map { $0.hash == $1.hash } == [true, false, true, false, true, false])
    let measured = try scenes.expansion(scenes.plan(more: "").measuring(split: "validation")).runs
    #expect(zip(runs, measured).allSatisfy { $0.hash != $1.hash })
  }

  @Test func equalVariantsAreRefused() throws {
    let variants = "  - {name: a}\n  - {name: b, set: {batch.global: 8}}"
    let error = #expect(throws: StudyError.self) { try scenes.expansion(scenes.plan(variants: variants)) }
    #expect(error?.description.contains("b: it is the same as a in every setting") == true)
  }

  @Test func budgetsAreHeld() throws {
    let longer = "  - {name: a}\n  - {name: b, set: {schedule.steps: 5}}"
    let error = #expect(throws: StudyError.self) { try scenes.expansion(scenes.plan(variants: longer)) }
    #expect(error?.description.contains("b sees 40 samples, the baseline 32 (1.250 times)") == true)
    #expect(error?.exitCode == .configuration)
    let declared = longer.replacing("name: b,", with: "name: b, differs: [samples],")
    #expect(
      try scenes.expansion(scenes.plan(variants: declared)).remarks.contains { $0.hasPrefix("b sees 40 samples") })
    // Not asked, but said.
    let wider = "  - {name: a}\n  - {name: b, set: {model.text.layers: 4}}"
    #expect(
      try scenes.expansion(scenes.plan(variants: wider)).remarks.contains { $0.hasPrefix("b has ") })
    let strict = try scenes.plan(more: "budget: [samples, parameters]", variants: wider)
    #expect(throws: StudyError.self) { try scenes.expansion(strict) }
  }

  @Test func dataMustBeTheSame() throws {
    let other = "  - {name: a}\n  - {name: b, set: {data.split: validation}}"
    let error = #expect(throws: StudyError.self) { try scenes.expansion(scenes.plan(variants: other)) }
    #expect(error?.description.contains("b learns from") == true, "\(error.map { "\($0)" } ?? "")")
    let declared = other.replacing("name: b,", with: "name: b, differs: [data],")
    #expect(try scenes.expansion(scenes.plan(variants: declared)).remarks.count == 1)
  }

  /// A stage is trained once a block, before those that begin from it, and counts in what they take.
  @Test func stagesComeBeforeWhatBeginsFromThem() throws {
    let variants = "  - {name: a}\n  - {name: b, from: first, differs: [samples, operations]}"
    let stages = "stages:\n  - {name: first, set: {schedule.steps: 6}}\n  - {name: unused}"
    let expansion = try scenes.expansion(scenes.plan(seeds: "[0, 1]", more: stages, variants: variants))
    #expect(expansion.runs.map(\.recipe) == ["first", "a", "b", "first", "a", "b"])
    let (first, b) = (expansion.runs[0], expansion.runs[2])
    #expect(first.isStage && first.measuredSet == nil && b.stage == first.folder)
    #expect(
      b.configuration.initialize.weights == "\(scenes.directory)/runs/\(first.folder)/last/model.safetensors")
    #expect(expansion.size(of: b).samples == 80 && b.size.samples == 32)
    let changed = stages.replacing("steps: 6", with: "steps: 7")
    let again = try scenes.expansion(scenes.plan(seeds: "[0, 1]", more: changed, variants: variants))
    #expect(again.runs[1].hash == expansion.runs[1].hash && again.runs[2].hash != b.hash)
  }

  @Test(arguments: [
    ("  - {name: a, set: {model.text.layer: 3}}", "plan.yaml:9:21 model.text.layer=3: unknown key"),
    ("  - {name: a, set: {optimizer.learning_rate: fast}}", "optimizer.learning_rate"),
    ("  - {name: a, set: {batch.global: 100}}", "a: batch.global is 100, but split train has 24 samples"),
  ])
  func wrongConfigurationsAreSaid(variants: String, words: String) throws {
    let error = #expect(throws: (any Error).self) {
      try scenes.expansion(scenes.plan(variants: variants.replacing("schedule.steps: 4", with: "")))
    }
    #expect(error.map { "\($0)" }?.contains(words) == true, "\(error.map { "\($0)" } ?? "")")
    #expect((error as? any ReportableError)?.exitCode == .configuration)
  }

  @Test func aSplitThatIsNotThere() throws {
    let error = #expect(throws: StudyError.self) { try scenes.expansion(scenes.plan().measuring(split: "dev")) }
    #expect(error?.description.contains("has no split dev; it has") == true)
  }

  /// Time decides steps, once it is measured; who states both is told.
  @Test func stepsByTime() throws {
    let timed = try StudyPlan(
      yaml: """
        name: toy
        base: {data.path: \(scenes.data), batch.global: 8}
        seeds: [0]
        seconds: 10
        variants: [{name: a}, {name: b, set: {optimizer.learning_rate: 2e-3}}]
        measure: {figures: [accuracy]}
        """, path: "plan.yaml")
    var paces = StudyPaces()
    paces.set(0.5, recipe: "a", set: nil)
    paces.set(1, recipe: "b", set: nil)
    try makeDirectory(scenes.directory)
    try paces.write(in: scenes.directory)
    func expanded(_ paces: StudyPaces?) throws -> StudyExpansion {
      try StudyExpansion(
        timed, path: "plan.yaml", directory: scenes.directory, builtInSet: scenes.data, ranks: 1, paces: paces
      ) { $0 }
    }
    let expansion = try expanded(StudyPaces(in: scenes.directory))
    #expect(expansion.runs.map(\.size.steps) == [20, 10])
    #expect(expansion.remarks.contains { $0.hasPrefix("b sees 80 samples") })
    #expect(try expanded(nil).runs.map(\.size.steps) == [StudyPaces.triedSteps, StudyPaces.triedSteps])
    paces.set(11, recipe: "b", set: nil)
    #expect(throws: StudyError.self) { try expanded(paces) }
    let both = try StudyPlan(
      yaml:
        "name: t\nbase: {schedule.steps: 3}\nseeds: [0]\nseconds: 5\nvariants: [{name: a}]\nmeasure: {figures: [accuracy]}",
      path: "plan.yaml")
    let error = #expect(throws: StudyError.self) { try scenes.expansion(both) }
    #expect(error?.description.contains("schedule.steps says how long it trains, and so does seconds") == true)
  }
}

extension StudyPlan {
  fileprivate func measuring(split: String) -> StudyPlan {
    var plan = self
    plan.split = split
    return plan
  }
}
