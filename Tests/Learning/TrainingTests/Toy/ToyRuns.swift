internal import Batching
internal import Checkpoints
internal import Collectives
internal import Configuration
internal import Files
internal import Images
internal import Models
internal import Objectives
internal import Reporting
internal import TestSupport
internal import Training

/// A set of plain photos, and runs on it of plans into which a toy was put.
struct ToyRuns {
  let place: TemporaryDirectory

  /// 60 plain photos of three colours, of which every eighth has no label; a text says the colour, and so does a note, which every
  /// fifth lacks. Of each two questions are answered, by one annotator.
  init() throws {
    place = try TemporaryDirectory()
    let writer = try PreparedDataSetWriter(directory: place("set"), description: .init(name: "colours"))
    try writer.addFile(
      "tokenizer.json", bytes: readFile(goldenDirectory + "/tokenization/tiny-tokenizer.json"))
    let colours: [(name: String, levels: [UInt8])] = [
      ("red", [200, 30, 40]), ("green", [40, 190, 50]), ("blue", [30, 60, 210]),
    ]
    for number in 0..<60 {
      let colour = colours[number % 3]
      let levels = colour.levels.map { UInt8(Int($0) + number % 7 * 5) }
      let image = Image(width: 16, height: 16, pixels: (0..<256).flatMap { _ in levels })
      var columns = SampleColumns()
      if number % 8 != 7 { columns.labels["colour"] = [colour.name] }
      if number % 5 != 4 { columns.texts["note"] = "it is \(colour.name)" }
      columns.questions = [
        Question(text: "what colour is it?", answers: [colour.name], kinds: ["answer_type": "other"]),
        Question(text: "red?", answers: [colour.name == "red" ? "yes" : "No."], kinds: ["answer_type": "yes/no"]),
      ]
      try writer.add(
        image: encodeJPEG(image, quality: 90), width: 16, height: 16,
        record: SampleRecord(
          key: "k\(100 + number)", fileName: "\(100 + number)", split: number < 40 ? "train" : "validation",
          captions: ["a \(colour.name) one"], columns: columns))
    }
    try writer.finish()
  }

  private func configuration(_ name: String, steps: Int, _ more: [String]) throws -> RunConfiguration {
    let settings =
      [
        "model.name=clip", "model.vision.image_size=8", "model.vision.patch_size=4", "model.vision.width=16",
        "model.vision.heads=2", "model.vision.layers=1", "model.text.width=16", "model.text.heads=2",
        "model.text.layers=1", "model.embedding_width=16", "batch.global=12", "schedule.steps=\(steps)",
        "schedule.warmup_steps=0", "optimizer.learning_rate=0.01", "data.workers=1", "output=\(place(name))",
      ] + more
    return try RunConfiguration(file: nil, settings: settings.map { ConfigurationSetting($0) })
  }

  /// A run on any number of ranks, of a plan into which a toy was put.
  func train(
    _ name: String, steps: Int, ranks: Int = 1, settings: [String] = [],
    put: @escaping @Sendable (inout RunPlan, PreparedDataSet) throws -> Void
  ) throws -> TrainingOutcome {
    let configuration = try configuration(name, steps: steps, settings)
    let path = place("set")
    return try InProcessCommunicator.run(ranks: ranks) { communicator in
      try runTraining(
        configuration, resume: .auto, threads: 1, communicator: communicator, output: .silent,
        logger: makeLogger(rank: nil)
      ) { _ in
        let dataSet = try PreparedDataSet(path: path)
        var plan = try RunPlan(configuration, dataSet)
        try put(&plan, dataSet)
        return try RunSetup(configuration, plan, dataSet, threads: 1, communicator)
      }
    }[0]
  }

  func metrics(_ outcome: TrainingOutcome, _ event: String) throws -> [Substring] {
    String(decoding: try readFile(outcome.directory + "/metrics.jsonl"), as: UTF8.self).split(separator: "\n")
      .filter { $0.contains("\"event\":\"\(event)\"") }
  }
}
