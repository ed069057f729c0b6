import Batching
import Collectives
import Configuration
import Evaluation
import Files
import Inference
import Pretrained
import Reporting
import Tasks
import TestSupport
import Testing
import Training

/// Classes of labelled photos, from the configuration to what is told of new ones, by the loop that all tasks have.
@Suite(.serialized) struct ClassificationRunTests {
  private let runs: SmallRuns

  init() throws {
    runs = SmallRuns(
      [
        "task.name=classification", "model.name=clip", "model.vision.image_size=8", "model.vision.patch_size=4",
        "model.vision.width=16", "model.vision.heads=2", "model.vision.layers=1", "model.text.width=16",
        "model.text.heads=2", "model.text.layers=1", "model.embedding_width=16", "optimizer.learning_rate=0.01",
        "evaluation.every_epochs=0",
      ], in: try ToyRuns().place)
  }

  private static let joint = [
    "model.name=cross-attention", "model.fusion.layers=1", "model.fusion.width=16", "model.fusion.heads=2",
  ]

  private func task(_ name: String) throws -> (directory: ModelDirectory, task: any Task) {
    let directory = try ModelDirectory(path: runs.place(name + "/last"))
    return (directory, try TaskCatalogue.task(ofModelIn: directory.path))
  }

  private func evaluate(_ name: String, ranks: Int = 1, split: String = "validation") throws -> [ClassPredictions] {
    let path = runs.place(name + "/last")
    let task = try TaskCatalogue.task(ofModelIn: path)
    let dataSet = try PreparedDataSet(path: runs.place("set"))
    return try InProcessCommunicator.run(ranks: ranks) { communicator in
      try withMeasuredModel(in: ModelDirectory(path: path), task, threads: 1, communicator: communicator) {
        try #require(try task.classPredictions($0, on: dataSet, split: split) { _, _ in })
      }
    }
  }

  /// The colour of plain photos is learnt, saved with its names, and measured: of 20 photos two have no label.
  @Test func coloursAreLearntAndMeasured() throws {
    try runs.train("run", steps: 60)
    let text = String(decoding: try readFile(runs.place("run/last/task.json")), as: UTF8.self)
    let facts = text.filter { !$0.isWhitespace }
    #expect(
      facts.contains(#""id2label":{"0":"blue","1":"green","2":"red"},"inputs":["image"],"label":"colour""#), "\(facts)")
    let predictions = try evaluate("run")[0]
    #expect(predictions.count == 20 && predictions.targets.count { $0.isEmpty } == 2)
    let metrics = try ClassificationMetrics(predictions)
    #expect(metrics.accuracy == 100 && metrics.samples == 18 && metrics.unlabelled == 2)
    let log = String(decoding: try readFile(runs.place("run/metrics.jsonl")), as: UTF8.self)
    #expect(log.contains(#""accuracy":100"#))
  }

  /// 32 of 40 photos have a note, and 4 of these no label: the others' notes say their colour. Photos say nothing.
  @Test func aTextThatNamesItsClassIsSaid() throws {
    let remarks = { (inputs: String) in
      try RunForecast(
        runs.configuration("dry", Self.joint + ["task.inputs=\(inputs)"]), dataPath: runs.place("set"), ranks: 1
      )
      .remarks
    }
    #expect(
      try remarks("[image, text:note]").contains {
        $0.hasPrefix("28 of 32 texts of text:note name their sample's own class")
      })
    #expect(try remarks("[text]").contains { $0.hasPrefix("35 of 40 texts of captions name their sample's own class") })
    #expect(try !remarks("[image]").contains { $0.contains("own class") })
  }

  /// Whatever `predict` says of a photo is what `evaluate` counted, and neither hangs on the number of ranks.
  @Test(arguments: [["image"], ["image", "text"], ["text:note"]]) func predictSaysWhatEvaluateCounts(
    inputs: [String]
  ) throws {
    try runs.train("run", steps: 8, Self.joint + ["task.inputs=[\(inputs.joined(separator: ", "))]"])
    let one = try evaluate("run")[0]
    for other in try [2, 3].flatMap({ try evaluate("run", ranks: $0) }) {
      #expect(difference(other.logits, one.logits, relative: 1e-5) == nil && other.targets == one.targets)
    }
    let dataSet = try PreparedDataSet(path: runs.place("set"))
    let (directory, _) = try task("run")
    let model = try #require(try TaskModel(directory, threads: 1))
    for (place, sample) in try dataSet.samples(split: "validation").enumerated() {
      let record = try dataSet.record(sample)
      let texts = inputs.contains("text") ? [record.captions[0]] : [record.columns.texts["note"]].compactMap(\.self)
      if inputs == ["text:note"], texts.isEmpty { continue }
      try writeAtomically(dataSet.withImageBytes(sample) { Array($0) }, to: runs.place("photo.jpg"))
      let photos = inputs.contains("image") ? try PhotoFiles(at: [runs.place("photo.jpg")]) : nil
      let told = try model.predict(photos, inputs == ["image"] ? [] : texts, top: 3).told[0][0]
      let logits = Array(one.logits(of: place))
      #expect(difference(try numbers(told), logits, relative: 1e-4, floor: 1e-5) == nil, "\(record.key)")
    }
  }

  /// By the classes' numbers.
  private func numbers(_ told: PredictedExample) throws -> [Float] {
    guard case .list(let choices) = told.members[0].1 else { return [] }
    var logits = [Float](repeating: .nan, count: choices.count)
    for case .object(let members) in choices {
      guard case .integer(let number) = members[1].1, case .float(let logit) = members[3].1 else { return [] }
      logits[number] = logit
    }
    return logits
  }

  /// Losses of weighted classes, drawn in turn, with texts that some samples lack.
  @Test func ranksLearnAsOne() throws {
    try runs.expectTheSameOnRanks(
      steps: 5,
      Self.joint + [
        "task.inputs=[image, text:note]", "task.weights=balanced", "task.sampling=balanced", "task.smoothing=0.1",
      ])
  }

  @Test func piecesEndAsTheWhole() throws { try runs.expectTheSameInPieces(["task.sampling=balanced"]) }

  @Test func severalClassesAreLearnt() throws {
    try runs.train("run", steps: 60, ["task.several=true", "task.weights=balanced"])
    let predictions = try evaluate("run")[0]
    #expect(predictions.isSeveral && predictions.count == 20)
    let metrics = try ClassificationMetrics(predictions)
    #expect(metrics.isSeveral && metrics.samples == 20)
    // Whoever has no label is of no class, and looks like the others.
    let f1 = try #require(metrics.macroF1)
    #expect(f1 > 80, "\(metrics)")
  }

  /// The states of a locked tower are computed once: those that stand for photos, not those of their tokens.
  @Test func aProbeReadsKeptStates() throws {
    let probe = ["initialize.lock.vision=0", "initialize.lock.text=0", "memory.cache_locked=on"]
    try runs.train("kept", steps: 12, probe)
    try runs.train("computed", steps: 12, probe + ["memory.cache_locked=off"])
    #expect(try runs.bytes("kept") == runs.bytes("computed"))
    let log = String(decoding: try readFile(runs.place("kept/metrics.jsonl")), as: UTF8.self)
    let line = try #require(
      log.split(separator: "\n").first { $0.contains(#""tower":"image","split":"train","kept":true"#) })
    #expect(line.contains(#""segments":40"#))
    let bytes = try #require(line.firstMatch(of: /"bytes":([0-9]+)/)).1
    let limit = 40 * 128
    #expect(try #require(Int(bytes)) < limit, "\(line)")
  }

  // MARK: Stopping early

  /// A rate of 0 makes nothing better: the second evaluation after the first ends the run, the best weights are the first's, and
  /// asking again does nothing.
  @Test func trainingEndsWithoutProgress() throws {
    let settings = ["optimizer.learning_rate=0", "evaluation.every_epochs=1", "evaluation.patience=2"]
    for ranks in [1, 2] {
      let name = "patient\(ranks)"
      try runs.train(name, steps: 30, ranks: ranks, settings)
      #expect(try runs.losses(name).count == 9)
      #expect(linkTarget(runs.place(name + "/best"))?.hasSuffix("step-0000003") == true)
      try runs.train(name, steps: 30, ranks: ranks, settings)
      #expect(try runs.losses(name).count == 9)
    }
    try runs.train("patient1", steps: 30, settings + ["evaluation.patience=4"])
    #expect(try runs.losses("patient1").count == 15)
  }

  // MARK: Bad input

  private func refusal(_ more: [String], set: String = "set") -> (text: String, code: ExitCode?) {
    let error = #expect(throws: (any Error).self) {
      try SmallRuns(runs.settings, data: set, in: runs.place).train("refused", more)
    }
    #expect(!fileExists(runs.place("refused/checkpoints")))
    return (error.map { "\($0)" } ?? "", (error as? any ReportableError)?.exitCode)
  }

  /// - Parameter mute: takes all texts away, where given; then there is no tokenizer either.
  private func set(
    _ name: String, classes: (Int) -> [String], split: (Int) -> String, mute: ((inout SampleRecord) -> Void)? = nil
  ) throws {
    let sound = try PreparedDataSet(path: runs.place("set"))
    let writer = try PreparedDataSetWriter(directory: runs.place(name), description: .init(name: name))
    if mute == nil {
      try writer.addFile("tokenizer.json", bytes: try #require(try sound.sideFile("tokenizer.json")))
    }
    for (number, sample) in try sound.samples(split: "train").enumerated() {
      var record = try sound.record(sample)
      record.split = split(number)
      mute?(&record)
      record.columns.labels = classes(number).isEmpty ? [:] : ["colour": classes(number)]
      try sound.withImageBytes(sample) { try writer.add(image: Array($0), width: 16, height: 16, record: record) }
    }
    try writer.finish()
  }

  @Test func dataThatTeachNothingAreRefused() throws {
    let halves = { (number: Int) in number < 28 ? "train" : "validation" }
    try set("bare", classes: { _ in [] }, split: halves)
    let bare = refusal([], set: "bare")
    #expect(bare.text.contains("the samples of train have no label; prepare") && bare.code == .missingInput, "\(bare)")
    try set("one", classes: { _ in ["red"] }, split: halves)
    let one = refusal([], set: "one")
    #expect(one.text.contains("all samples of train that have label:colour are of one class, red"), "\(one)")
    #expect(one.code == .badData)
    try set("many", classes: { $0 == 9 ? ["red", "blue"] : [$0 % 2 == 0 ? "red" : "blue"] }, split: halves)
    let many = refusal([], set: "many")
    #expect(many.text.contains("has several classes of label:colour, red, blue; set task.several"), "\(many)")
    try set("new", classes: { [$0 == 30 ? "purple" : $0 % 2 == 0 ? "red" : "blue"] }, split: halves)
    let new = refusal([], set: "new")
    #expect(new.text.contains("classes of label:colour that never occur in training: purple"), "\(new)")
    #expect(new.code == .badData && many.code == .badData)
  }

  @Test func settingsWithoutUseAreRefused() {
    #expect(refusal(["task.inputs=[sound]"]).text.contains("task.inputs: 'sound' is nothing that is looked at"))
    #expect(refusal(["task.inputs=[text, text:note]"]).text.contains("names two texts"))
    #expect(refusal(["task.several=true", "task.smoothing=0.1"]).text.contains("task.smoothing: has no meaning"))
    #expect(
      refusal(["task.several=true", "task.sampling=balanced"]).text.contains("task.sampling: a sample of several"))
    #expect(refusal(["task.name=pretraining", "task.label=colour"]).text.contains("pretraining makes no use of it"))
    #expect(refusal(["evaluation.patience=2"]).text.contains("evaluation.patience: nothing is measured before the end"))
    let missing = refusal(["task.label=shape"])
    #expect(missing.text.contains("the data lack the column label:shape") && missing.code == .missingInput)
  }

  /// Photos alone need no tokenizer, and a task that reads texts does.
  @Test func photosWithoutTextsAreEnough() throws {
    try set(
      "mute", classes: { [$0 % 2 == 0 ? "red" : "blue"] }, split: { $0 < 28 ? "train" : "validation" },
      mute: { ($0.captions, $0.columns) = ([], SampleColumns()) })
    try SmallRuns(runs.settings, data: "mute", in: runs.place).train("mute", steps: 2)
    #expect(try TaskModel(task("mute").directory, threads: 1) != nil)
  }

  @Test func aModelThatReadsNoTextsTakesNone() throws {
    try runs.train("run", steps: 2)
    let model = try #require(try TaskModel(task("run").directory, threads: 1))
    #expect(model.readsImages && !model.readsTexts)
    let missing = #expect(throws: TaskError.self) { try model.predict(nil, [], top: 3) }
    #expect(missing?.description.contains("looks at photos; give some with --image") == true)
    #expect(missing?.exitCode == .usage)
  }
}
