import Configuration
import Reporting
import Studies
import Testing

@Suite struct StudyPlanTests {
  /// A plan with one line in place of another.
  private func plan(_ line: String = "", for old: String = "\u{0}") throws -> StudyPlan {
    try StudyPlan(yaml: Self.text.replacing(old, with: line), path: "plan.yaml")
  }

  private static let text = """
    name: joins
    question: Which join?
    config: [base.yaml]
    base:
      model: {name: fusion, fusion: {layers: 2}}
      task.inputs: [image, text]
    seeds: [0, 7]
    data: [one, two]
    stages:
      - {name: pretrained, set: {schedule.steps: 5}}
    variants:
      - {name: early, set: {model.fusion.kind: early}}
      - name: late
        title: towers
        from: pretrained
        differs: [samples, data]
        set:
          model: {fusion: {kind: late}}
    baseline: late
    budget: [parameters]
    measure:
      data: other
      split: validation
      figures:
        - accuracy
        - {figure: nll, without: [image], better: lower}
    """

  @Test func allIsRead() throws {
    let plan = try plan()
    #expect(plan.name == "joins" && plan.question == "Which join?" && plan.files == ["base.yaml"])
    #expect(plan.base.map(\.text) == ["model.name=fusion", "model.fusion.layers=2", "task.inputs=[image, text]"])
    #expect(plan.base[1].option == "plan.yaml:5:34")
    #expect(plan.seeds == [0, 7] && plan.sets == ["one", "two"])
    #expect(
      plan.blocks == [
        StudyBlock(seed: 0, set: "one"), StudyBlock(seed: 0, set: "two"), StudyBlock(seed: 7, set: "one"),
        StudyBlock(seed: 7, set: "two"),
      ])
    #expect(plan.stages.map(\.name) == ["pretrained"] && plan.variants.map(\.name) == ["early", "late"])
    let late = plan.variants[1]
    #expect(late.title == "towers" && late.stage == "pretrained" && late.differs == [.samples, .data])
    #expect(late.settings.map(\.text) == ["model.fusion.kind=late"])
    #expect(plan.baseline == "late" && plan.budget == [.parameters] && plan.seconds == nil)
    #expect(plan.measuredSet == "other" && plan.split == "validation")
    #expect(plan.figures.map(\.name) == ["accuracy", "nll without image"] && plan.figures[1].isLowerBetter)
    #expect(plan.cases == [[], ["image"]])
  }

  @Test(arguments: [
    ("name: joins", "nam: joins", "unknown key nam in the plan; did you mean name?"),
    ("name: joins", "name: ../joins", "name names folders"),
    ("seeds: [0, 7]", "seeds: [7, 7]", "seeds: 7 is there twice"),
    ("seeds: [0, 7]", "seeds: [-1]", "seeds: -1 is no whole number"),
    ("seeds: [0, 7]", "seeds: []", "name at least one"),
    ("data: [one, two]", "data: [one, one]", "data: one is there twice"),
    ("name: late", "name: early", "early is the name of another one"),
    ("name: early,", "name: pretrained,", "pretrained is the name of another one"),
    ("from: pretrained", "from: trained", "no stage is called trained; they are pretrained"),
    ("baseline: late", "baseline: lat", "no variant is called lat; did you mean late?"),
    ("budget: [parameters]", "budget: [money]", "money is none of operations"),
    ("differs: [samples, data]", "differs: [steps]", "steps is none of operations"),
    ("model.fusion.kind: early", "seed: 3", "seed is the study's to set"),
    ("task.inputs: [image, text]", "task.prompt: [\"a, b\"]", "words without commas alone"),
    ("- accuracy", "- accuracy\n    - accuracy", "accuracy is there twice"),
    ("better: lower", "better: best", "better must be higher or lower"),
    ("figure: nll", "figur: nll", "unknown key figur in a figure; did you mean figure?"),
    ("question: Which join?", "seconds: 30", "variants of a stage have none yet"),
    ("question: Which join?", "seconds: soon", "seconds must be a number"),
    ("measure:", "measures:", "unknown key measures"),
    ("set:\n      model", "sets:\n      model", "unknown key sets"),
    ("name: joins", "name: &a joins", "anchors"),
  ])
  func mistakesAreNamed(old: String, new: String, words: String) throws {
    let error = #expect(throws: StudyError.self) { try plan(new, for: old) }
    #expect(error?.description.contains(words) == true, "\(error.map { "\($0)" } ?? "none")")
    #expect(error?.description.contains("plan.yaml:") == true)
    #expect(error?.exitCode == .configuration)
  }

  @Test func anEmptyPlanIsRefused() throws {
    for text in ["", "[]", "name: a"] {
      #expect(throws: StudyError.self) { try StudyPlan(yaml: text, path: "plan.yaml") }
    }
  }
}
