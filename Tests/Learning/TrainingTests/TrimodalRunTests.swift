import Audio
import Batching
import Collectives
import Evaluation
import Files
import Foundation
import Images
import Inference
import Layers
import Models
import Objectives
import Pretrained
import Reporting
import Tasks
import TensorEngine
import TestSupport
import Testing
import Training

/// Runs of a model of three modalities on samples that lack one, two or none of them, in ragged ways: in some batches nobody has a clip.
@Suite(.serialized) struct TrimodalRunTests {
  private let runs: SmallRuns

  init() throws {
    let place = try TemporaryDirectory()
    let writer = try PreparedDataSetWriter(directory: place("set"), description: .init(name: "three"))
    try writer.addFile("tokenizer.json", bytes: readFile(goldenDirectory + "/tokenization/tiny-tokenizer.json"))
    for number in 0..<60 { try Self.add(number, to: writer) }
    try writer.finish()
    runs = SmallRuns(
      [
        "model.name=trimodal", "model.vision.encoder=vit", "model.vision.image_size=8", "model.vision.patch_size=4",
        "model.vision.width=16", "model.vision.heads=2", "model.vision.layers=1", "model.text.encoder=bert",
        "model.text.width=16", "model.text.heads=2", "model.text.layers=1", "model.audio.encoder=ast",
        "model.audio.bands=16", "model.audio.frames=12", "model.audio.patch_size=8", "model.audio.stride=6",
        "model.audio.width=16", "model.audio.heads=2", "model.audio.layers=1", "model.fusion.layers=1",
        "model.fusion.width=16", "model.fusion.heads=2", "model.embedding_width=16", "batch.global=6",
        "data.shuffle=false", "data.augmentation=none", "evaluation.every_epochs=0",
      ], in: place)
  }

  /// Colours that are seen, written and heard. Of the first 18 samples, which are three batches in their order, none has a clip.
  private static func add(_ number: Int, to writer: PreparedDataSetWriter) throws {
    let levels: [[UInt8]] = [[200, 30, 40], [40, 190, 50], [30, 60, 210]]
    let names = ["red", "green", "blue"]
    let colour = number % 3
    let pixels = (0..<256).flatMap { _ in levels[colour].map { $0 + UInt8(number % 7) * 5 } }
    let image = Image(width: 16, height: 16, pixels: pixels)
    let sound = WaveFile.tone(10 * colour + number % 4, samples: 1600 + 160 * (number % 5))
    let header = try sound.withUnsafeBytes { try readSoundHeader($0) }
    let (hasClip, hasPhoto) = (number >= 18 && number % 4 != 1, number % 5 != 2)
    let clip = hasClip ? PreparedClip(file: sound, header: header, frames: 1600 + 160 * (number % 5)) : nil
    var columns = SampleColumns()
    columns.labels["colour"] = [names[colour]]
    let record = SampleRecord(
      key: "k\(100 + number)", fileName: "\(100 + number)", split: number < 42 ? "train" : "validation",
      captions: number % 3 == 1 && (hasClip || hasPhoto) ? [] : ["a \(names[colour]) one"], columns: columns)
    if hasPhoto {
      try writer.add(
        image: encodeJPEG(image, quality: 90), width: 16, height: 16, record: record, clip: clip)
    } else {
      try writer.add(clip: clip, record: record)
    }
  }

  private static let classes = ["task.name=classification", "task.inputs=[image, text, audio]"]

  @Test(arguments: [[], TrimodalRunTests.classes, TrimodalRunTests.classes + ["model.fusion.late=gated"]])
  func ranksLearnAsOne(settings: [String]) throws { try runs.expectTheSameOnRanks(settings) }

  @Test(arguments: [[], TrimodalRunTests.classes]) func piecesEndAsTheWhole(settings: [String]) throws {
    try runs.expectTheSameInPieces(settings)
  }

  /// Nobody has a clip in the first three batches, and the counts of pairs say so.
  @Test func aBatchWithoutAnySoundIsAStep() throws {
    try runs.train("run", [])
    let log = String(decoding: try readFile(runs.place("run/metrics.jsonl")), as: UTF8.self)
    let pattern = /"pairwise":\{"image_text":([.0-9]+),"image_audio":([.0-9]+),"text_audio":([.0-9]+)\}/
    let counts = log.matches(of: pattern).map { [$0.1, $0.2, $0.3].map { Float($0) ?? -1 } }
    #expect(counts.count == 6)
    for (step, pairs) in counts.enumerated() {
      #expect((pairs[1] == 0 && pairs[2] == 0) == (step < 3) && pairs[0] > 0, "\(step): \(pairs)")
    }
  }

  // MARK: Measuring

  private func report(_ name: String, ranks: Int, subsets: Bool = false) throws -> String {
    let reports = try InProcessCommunicator.run(ranks: ranks) { communicator -> String in
      var further = FurtherQuestions()
      further.subsets = subsets
      let report = try evaluateFurther(
        further, of: runs.place(name + "/last"), data: runs.place("set"), split: "validation", threads: 1,
        communicator: communicator, output: .silent)
      return report.table
    }
    return reports[0]
  }

  /// Retrieval between each two, the same on any number of ranks.
  @Test func pairsAreMeasured() throws {
    try runs.train("run", [])
    let one = try report("run", ranks: 1)
    for row in ["image→text", "text→image", "image→audio", "audio→image", "text→audio", "audio→text"] {
      #expect(one.contains("\n\(row) "), "\(one)")
    }
    let records = try samples("validation")
    let both = records.count { $0.hasPhoto && $0.hasClip }
    #expect(one.firstMatch(of: /image→audio +(\d+)/).map { Int($0.1) } == both)
    for ranks in [2, 3] { #expect(try report("run", ranks: ranks) == one) }
  }

  /// Of each subset of three, the largest first; what is left out is not looked at.
  @Test func everySubsetIsMeasured() throws {
    try runs.train("run", steps: 30, Self.classes)
    let one = try report("run", ranks: 1, subsets: true)
    let rows = one.split(separator: "\n").drop { !$0.hasPrefix("told from, on 18 samples") }.dropFirst().prefix(7)
    let subsets = rows.map { row in row.split(separator: "  ")[0] }
    #expect(
      subsets == ["image, text, audio", "image, text", "image, audio", "text, audio", "image", "text", "audio"])
    #expect(try report("run", ranks: 3, subsets: true) == one)
    #expect(one.contains("learned tokens stand in the place of what is left out"))
    #expect(!one.contains("no sample of the training lacked"))
  }

  private func samples(_ split: String) throws -> [(hasPhoto: Bool, hasClip: Bool)] {
    let dataSet = try PreparedDataSet(path: runs.place("set"))
    return try dataSet.samples(split: split).map { ($0.hasPhoto, try dataSet.sound(of: $0) != nil) }
  }

  /// A model of one modality alone has none to leave out; one that was trained on all has learnt nothing for what lacks.
  @Test func whatCannotBeLeftOutIsSaid() throws {
    try runs.train("run", ["task.name=classification", "task.inputs=[image]"])
    let error = #expect(throws: (any Error).self) { try report("run", ranks: 1, subsets: true) }
    #expect("\(String(describing: error))".contains("one modality alone"))
  }

  // MARK: Telling

  /// Photo, clip and text of a sample together are told as the sample is counted, whatever it lacks: from files of its own, on any
  /// number of ranks.
  @Test(arguments: [1, 2]) func predictSaysWhatEvaluateCounts(ranks: Int) throws {
    try runs.train("run", steps: 30, Self.classes)
    let path = runs.place("run/last")
    let dataSet = try PreparedDataSet(path: runs.place("set"))
    let counted = try withMeasuredModel(
      in: ModelDirectory(path: path), TaskCatalogue.task(ofModelIn: path), threads: 1,
      communicator: SoloCommunicator()
    ) { model in
      try #require(
        try TaskCatalogue.task(ofModelIn: path).classPredictions(
          model, on: dataSet, split: "validation"
        ) { _, _ in }
      ).logits
    }
    let samples = try dataSet.samples(split: "validation")
    try writeFiles(of: samples, in: dataSet)
    let files = try PairedFiles(photos: [runs.place("photos")], clips: [runs.place("clips")])
    let texts = ["a red one", "a green one", "a blue one"]
    let told = try InProcessCommunicator.run(ranks: ranks) { communicator in
      let model = try #require(try TaskModel(ModelDirectory(path: path), threads: 1))
      var settings = PhotoEncoding()
      settings.chunk = 5
      return try [texts, []].map { try model.predict(files, $0, top: 3, settings, communicator) }
    }[0]
    let alone = try #require(try TaskModel(ModelDirectory(path: path), threads: 1)).predict(
      nil, texts, top: 3)
    var kinds: [String: Int] = [:]
    for (number, sample) in samples.enumerated() {
      let text = try dataSet.captions(sample).first.flatMap { texts.firstIndex(of: $0) }
      let place = (0..<files.count).first { files.name(at: $0).contains(sample.key + ".") }
      let said =
        try place.map { told[text == nil ? 1 : 0].told[$0][text ?? 0] }
        ?? alone.told[0][#require(text)]
      let row = Array(counted[3 * number..<3 * number + 3])
      #expect(
        difference(try logits(said), row, relative: 1e-4, floor: 1e-5) == nil, "\(sample.key)")
      kinds["\(place.map { !files.isAbsent(at: $0) } ?? false) \(text != nil)", default: 0] += 1
    }
    #expect(
      kinds.count == 4, "samples that lack each of them, and all that is told are there: \(kinds)")
  }

  private func writeFiles(of samples: [SampleReference], in dataSet: PreparedDataSet) throws {
    for folder in ["photos", "clips"] { try makeDirectory(runs.place(folder)) }
    for sample in samples {
      if sample.hasPhoto {
        try dataSet.withImageBytes(sample) {
          try writeAtomically($0, to: runs.place("photos/\(sample.key).jpg"))
        }
      }
      _ = try dataSet.withClip(sample) { bytes, _ in
        try writeAtomically(bytes, to: runs.place("clips/\(sample.key).wav"))
      }
    }
  }

  /// By the classes' numbers.
  private func logits(_ said: PredictedExample) throws -> [Float] {
    guard case .list(let choices) = said.members[0].1 else { return [] }
    return choices.compactMap { choice -> (Int, Float)? in
      guard case .object(let members) = choice, case .integer(let number) = members[1].1,
        case .float(let logit) = members[3].1
      else { return nil }
      return (number, logit)
    }.sorted { $0.0 < $1.0 }.map(\.1)
  }

  /// A model that was trained on photos alone is asked with these alone.
  @Test func clipsThatWereNotTrainedOnAreRefused() throws {
    try runs.train("run", ["task.name=classification", "task.inputs=[image]"])
    try writeFiles(
      of: PreparedDataSet(path: runs.place("set")).samples(split: "validation"),
      in: PreparedDataSet(path: runs.place("set")))
    let files = try PairedFiles(photos: [runs.place("photos")], clips: [runs.place("clips")])
    let model = try #require(
      try TaskModel(ModelDirectory(path: runs.place("run/last")), threads: 1))
    let error = #expect(throws: TaskError.self) { try model.predict(files, [], top: 1) }
    #expect(
      error?.description.contains("was trained on no audio clips (task.inputs); leave --audio out")
        == true)
  }

  // MARK: Features

  /// What is seen and what is heard are told by words that stand in the same space, the same on any number of ranks.
  @Test func wordsTellPhotosAndClips() throws {
    try runs.train("run", steps: 120, ["optimizer.learning_rate=0.003"])
    let (path, set) = (runs.place("run/last"), runs.place("set"))
    for kind in [MediaKind.photos, .clips] {
      let reports = try InProcessCommunicator.run(ranks: 2) { communicator in
        var settings = PhotoEncoding()
        (settings.chunk, settings.skipsBadPhotos) = (4, true)
        let loaded = try LoadedModel(path: path, threads: 1)
        let data = try ClassifiedPhotos(at: set, split: "train", kind)
        let told = { try loaded.classify(data, templates: ["a {} one"], settings, $0).report }
        return [try told(communicator), try told(SoloCommunicator())]
      }
      #expect(reports[0][0] == reports[0][1] && reports[0] == reports[1])
      // Blue, green and red: green ones have hardly a caption to learn from.
      for told in [0, 2] { #expect(reports[0][0].perClass[told] ?? 0 > 0.9, "\(kind): \(reports[0][0])") }
    }
  }

  /// Of each kind the temperature of its own pair with texts.
  @Test func eachPairHasItsTemperature() throws {
    try runs.train("run", steps: 6)
    let loaded = try LoadedModel(path: runs.place("run/last"), threads: 1)
    let model = try #require(loaded.model as? any PairwiseFeatureModel)
    let features = Features([1, 0], width: 2)
    let scales = [MediaKind.photos, .clips].map { kind in
      loaded.match(images: features, texts: features, of: kind).logits[0]
    }
    let learnt = [("image", "text"), ("text", "audio")].map { first, second in
      ModalityPair.all.first { $0.name == "\(first)_\(second)" }.map {
        exp(model.logitScale(of: $0).tensor.value)
      }
    }
    #expect(
      zip(scales, learnt).allSatisfy { abs($0 - ($1 ?? 0)) < 1e-4 } && scales[0] != scales[1],
      "\(scales) \(learnt)")
  }

  // MARK: Bad input

  @Test func wrongWishesAreToldOf() throws {
    #expect(runs.refusal(["model.batch_norm=synchronised"]).contains("model.batch_norm"))
    #expect(
      runs.refusal(["objective.contrastive=1"]).contains("trimodal has no features of images and texts in one space"))
    #expect(runs.refusal(["batch.micro=2"]).contains("the objective pairwise needs all samples at once"))
    let wrong = #expect(throws: (any Error).self) {
      try runs.train("refused", ["initialize.audio=\(goldenDirectory)/clip-tiny", "model.audio.encoder=auto"])
    }
    #expect("\(String(describing: wrong))".contains("name it with initialize.vision"))
  }

  /// A model that is given one of three says which it uses.
  @Test func oneOfThreeIsSaid() throws {
    let plan = try RunPlan(
      runs.configuration("plan", ["task.name=classification", "task.inputs=[audio]"]),
      PreparedDataSet(path: runs.place("set")))
    #expect(
      plan.remarks.contains {
        $0.contains("this task gives it audio (task.inputs): its learned tokens stand for image and text")
      })
  }
}
