import Preparation
import Scenes
import Studies
import TestSupport

/// A few drawn scenes, prepared as `scenes` in a directory of their own, and plans on them.
struct ScenesForStudies {
  let place: TemporaryDirectory
  var data: String { place("scenes") }
  var directory: String { place("study") }

  init() throws {
    place = try TemporaryDirectory()
    let zip = place("scenes.zip")
    try writeScenes(to: zip, settings: SceneSettings(train: 24, validation: 8, test: 8, imageSize: 32))
    var request = PreparationRequest(source: .archive(path: zip), output: data, threads: 2)
    request.tokenizer = .train(vocabularySize: 560)
    try prepare(request)
  }

  func plan(seeds: String = "[0, 1, 2]", more: String = "", variants: String = Self.two) throws -> StudyPlan {
    try StudyPlan(
      yaml: """
        name: toy
        base:
          data.path: \(data)
          batch.global: 8
          schedule.steps: 4
          evaluation.split: none
        seeds: \(seeds)
        variants:
        \(variants)
        measure: {figures: [accuracy]}
        \(more)
        """, path: "plan.yaml")
  }

  static let two = """
      - {name: plain}
      - {name: fast, set: {optimizer.learning_rate: 2e-3}}
    """

  func expansion(_ plan: StudyPlan) throws -> StudyExpansion {
    try StudyExpansion(plan, path: "plan.yaml", directory: directory, builtInSet: data, ranks: 1) { $0 }
  }
}
