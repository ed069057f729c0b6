import Collectives
import Evaluation
import Reporting
import Scenes
import TestSupport
import Testing
import Training

/// What a page is given of a measured split: the same on any number of ranks, and what the figures count.
@Suite(.serialized) struct ShownSplitTests {
  private let place: TemporaryDirectory

  init() throws {
    place = try TemporaryDirectory()
    try prepareScenes(SceneSettings(train: 24, validation: 5, test: 9, imageSize: 32), in: place)
  }

  private static let sizes = [
    "model.vision.image_size=32", "model.vision.patch_size=8", "model.vision.width=16", "model.text.width=16",
    "evaluation.every_epochs=0",
  ]

  private func runs(_ settings: [String]) -> SmallRuns { SmallRuns(Self.sizes + settings, data: "scenes", in: place) }

  private func report(_ name: String, ranks: Int = 1, shown: Int = 6) throws -> any TaskReport {
    var request = EvaluationRequest([place(name + "/last")], threads: 1)
    request.shown = shown
    return try InProcessCommunicator.run(ranks: ranks) { [request] communicator in
      try evaluateModel(
        request, data: place("scenes"), split: "test", communicator: communicator, output: .silent)
    }[0]
  }

  private func searches(_ report: any TaskReport) -> [ShownSearches] {
    report.exhibits.compactMap { if case .searches(let shown) = $0 { shown } else { nil } }
  }

  /// By features, and by a matching head.
  @Test(arguments: [
    ["model.name=clip", "model.embedding_width=16"],
    [
      "model.name=fusion", "model.fusion.width=16", "model.fusion.layers=1", "model.fusion.heads=2",
      "objective.contrastive=0", "objective.matching=1",
    ],
  ])
  func searchesAreThoseThatAreCounted(settings: [String]) throws {
    try runs(settings).train("run", steps: 2)
    let report = try report("run")
    let shown = searches(report)
    #expect(shown.count == 2 && shown.allSatisfy { $0.searches.count == 6 })
    for search in shown.flatMap(\.searches) {
      #expect(search.found.count == 5 && search.found.map(\.score) == search.found.map(\.score).sorted(by: >))
      let first = search.found.firstIndex { $0.isRight }
      #expect(first.map { $0 + 1 } == (search.rank <= 5 ? search.rank : nil))
      #expect((search.query.text ?? search.right.text)?.isEmpty == false && search.query.place == search.right.place)
    }
    #expect(shown[0].searches.allSatisfy { $0.among == 9 })
    for ranks in [2, 3] {
      let others = try searches(self.report("run", ranks: ranks))
      #expect(others.map { $0.searches.map(\.query) } == shown.map { $0.searches.map(\.query) })
      #expect(others.map { $0.searches.map(\.rank) } == shown.map { $0.searches.map(\.rank) })
      #expect(others.map(\.choice) == shown.map(\.choice))
    }
    #expect(try self.report("run", shown: 0).exhibits.isEmpty)
  }

  @Test func boxesAreThoseThatAreCounted() throws {
    try runs([
      "task.name=grounding", "model.name=fusion", "model.fusion.width=16", "model.fusion.layers=1",
      "model.fusion.heads=2",
    ]).train("boxes", steps: 2)
    func samples(_ ranks: Int) throws -> [ShownSample] {
      try report("boxes", ranks: ranks, shown: 100).exhibits.flatMap { exhibit -> [ShownSample] in
        if case .samples(let shown) = exhibit { shown.samples } else { [] }
      }
    }
    let one = try samples(1)
    let metrics = try #require(report("boxes") as? GroundingMetrics)
    #expect(one.count == metrics.phrases)
    #expect(abs(one.reduce(0) { $0 + overlap($1) } / Double(one.count) * 100 - metrics.meanOverlap) < 1e-3)
    for sample in one {
      #expect(sample.boxes.count { !$0.isRight } == 1 && sample.boxes.contains { $0.isRight } && sample.text != nil)
      #expect(sample.isRight == (overlap(sample) >= 0.5))
    }
    for ranks in [2, 3] { #expect(try samples(ranks).map(\.text) == one.map(\.text)) }
  }

  /// Of the model's box with the right one that it overlaps most.
  private func overlap(_ sample: ShownSample) -> Double {
    guard let told = sample.boxes.first(where: { !$0.isRight }) else { return 0 }
    return sample.boxes.filter(\.isRight).map { right in
      let width = max(0, min(told.right, right.right) - max(told.left, right.left))
      let height = max(0, min(told.bottom, right.bottom) - max(told.top, right.top))
      let area = { (box: ShownBox) in (box.right - box.left) * (box.bottom - box.top) }
      return Double(width * height / (area(told) + area(right) - width * height))
    }.max() ?? 0
  }
}
