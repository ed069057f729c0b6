import Batching
import Evaluation
import Inference
import Models
import Pretrained
import Reporting
import Scenes
import TestSupport
import Testing
import Training

/// Where an answer comes from: of the very logit that is told.
@Suite(.serialized) struct SplitExplainerTests {
  private let place: TemporaryDirectory

  init() throws {
    place = try TemporaryDirectory()
    try prepareScenes(SceneSettings(train: 24, validation: 5, test: 4, imageSize: 32), in: place)
  }

  private func runs(_ settings: [String]) -> SmallRuns {
    SmallRuns(
      [
        "task.name=answering", "model.vision.image_size=32", "model.vision.patch_size=8", "model.vision.width=16",
        "model.text.width=16", "evaluation.every_epochs=0",
      ] + settings, data: "scenes", in: place)
  }

  @Test func theScoreIsWhatIsTold() throws {
    try runs(["model.name=fusion", "model.fusion.width=16", "model.fusion.layers=1", "model.fusion.heads=2"])
      .train("run", steps: 4)
    let photos = try SplitPhotos(PreparedDataSet(path: place("scenes")), split: "test")
    let question = "what color is the shape?"
    let model = try #require(try TaskModel(ModelDirectory(path: place("run/last")), threads: 1))
    let told = try model.predict(photos, [question], top: 3).told[1][0]
    guard case .list(let answers) = told.members[0].1 else { return #expect(Bool(false), "\(told)") }
    let explainer = try SplitExplainer(path: place("run/last"), threads: 1)
    var relevances: [[Float]] = []
    for answer in answers {
      guard case .object(let members) = answer,
        case .integer(let number)? = members.first(where: { $0.0 == "number" })?.1,
        case .float(let logit)? = members.first(where: { $0.0 == "logit" })?.1
      else { return #expect(Bool(false), "\(answer)") }
      let made = try explainer.explain(photos, at: 1, question, telling: number, ExplanationSettings())
      #expect(made.score.name == "answer" && abs(made.score.value - logit) < 1e-4)
      #expect(made.places.count == 16 && made.words.map(\.text) == ["what", "color", "is", "the", "shape", "?"])
      #expect(made.places.contains { $0.relevance > 0 })
      // Without any of the parts that are taken away the score is the whole one.
      #expect(abs((made.deletions.places.scores.first ?? .nan) - logit) < 1e-4)
      relevances.append(made.places.map(\.relevance))
    }
    #expect(Set(relevances).count == relevances.count, "of each answer its own")
  }

  @Test func whatDoesNotMeetHasNoMap() throws {
    try runs(["model.name=clip", "model.embedding_width=16"]).train("apart", steps: 1)
    let photos = try SplitPhotos(PreparedDataSet(path: place("scenes")), split: "test")
    let explainer = try SplitExplainer(path: place("apart/last"), threads: 1)
    let error = #expect(throws: (any Error).self) {
      try explainer.explain(photos, at: 0, "what is it?", telling: 0, ExplanationSettings())
    }
    #expect((error as? any ReportableError)?.exitCode == .configuration)
    #expect(error.map { "\($0)" }?.contains("do not meet") == true)
  }
}
