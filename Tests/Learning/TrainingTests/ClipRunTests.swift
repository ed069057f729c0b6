import Batching
import Collectives
import Evaluation
import Files
import Inference
import Models
import Pretrained
import Reporting
import Tasks
import TestSupport
import Testing
import Training

/// Models that hear clips in the place of photos: what is true of photos is true of clips.
@Suite(.serialized) struct ClipRunTests {
  private let clips: ToyClips

  init() throws { clips = try ToyClips() }

  private func runs(_ settings: [String]) -> SmallRuns { SmallRuns(ToyClips.model + settings, in: clips.place) }

  private static let classes = ["task.name=classification", "task.inputs=[audio]"]
  private static let joint = [
    "model.name=cross-attention", "model.fusion.layers=1", "model.fusion.width=16", "model.fusion.heads=2",
  ]

  // MARK: Learning

  @Test(arguments: [classes, [], joint, joint + ["task.name=classification", "task.inputs=[audio, text]"]])
  func ranksLearnAsOne(settings: [String]) throws { try runs(settings).expectTheSameOnRanks() }

  @Test func piecesEndAsTheWhole() throws {
    try runs(Self.classes + ["data.augmentation=standard"]).expectTheSameInPieces()
  }

  @Test func statesOfALockedTowerAreKept() throws {
    let probe = runs(Self.classes + ["initialize.lock.audio=0", "evaluation.every_epochs=1"])
    try probe.train("kept", steps: 4, ranks: 2, ["memory.cache_locked=on"])
    try probe.train("computed", steps: 4, ranks: 2, ["memory.cache_locked=off"])
    #expect(try probe.bytes("kept") == probe.bytes("computed"))
    let log = String(decoding: try readFile(clips.place("kept/metrics.jsonl")), as: UTF8.self)
    #expect(log.contains(#""tower":"audio","split":"train","kept":true"#))
  }

  /// The words of a task that names photos mean what the model has in their place.
  @Test func photosMeanWhatTheModelSees() throws {
    try runs(Self.classes).train("audio", steps: 2)
    try runs(["task.name=classification", "task.inputs=[image]"]).train("image", steps: 2)
    #expect(try runs([]).bytes("audio") == runs([]).bytes("image"))
  }

  // MARK: Telling

  @Test func predictSaysWhatEvaluateCounts() throws {
    let runs = runs(Self.classes + ["optimizer.learning_rate=0.01"])
    try runs.train("run", steps: 60)
    let path = clips.place("run/last")
    let task = try TaskCatalogue.task(ofModelIn: path)
    let dataSet = try PreparedDataSet(path: clips.place("set"))
    let logits = try [1, 2, 3].map { ranks in
      try InProcessCommunicator.run(ranks: ranks) { communicator in
        try withMeasuredModel(in: ModelDirectory(path: path), task, threads: 1, communicator: communicator) {
          try #require(try task.classPredictions($0, on: dataSet, split: "validation") { _, _ in }).logits
        }
      }[0]
    }
    for other in logits.dropFirst() { #expect(difference(other, logits[0], relative: 1e-5) == nil) }
    let model = try #require(try TaskModel(ModelDirectory(path: path), threads: 1))
    let files = try PhotoFiles(at: [clips.place("folder")], .clips)
    let told = try model.predict(files, [], top: 1)
    let right = zip(files.paths, told.told).count { path, said in
      said[0].lines.first.map { line in ToyClips.sounds.contains { path.contains("/\($0)/") && line.contains($0) } }
        ?? false
    }
    #expect(told.places.count == 12 && right >= 11, "\(right) of 12 tones are told")
    let samples = try dataSet.samples(split: "validation")
    for (place, sample) in samples.enumerated() {
      let number = try #require(files.paths.firstIndex { $0.hasSuffix("/\(sample.key.dropFirst()).wav") })
      guard case .list(let choices) = told.told[number][0].members[0].1, case .object(let best) = choices[0],
        case .integer(let index) = best[1].1, case .float(let logit) = best[3].1
      else {
        Issue.record("no class is told")
        continue
      }
      #expect(difference([logit], [logits[0][3 * place + index]], relative: 1e-4, floor: 1e-5) == nil)
    }
  }

  /// Keys are those of images, and a run says that clips are meant.
  @Test func retrievalIsOfClips() throws {
    try runs(["evaluation.every_epochs=1"]).train("run", steps: 2)
    let log = String(decoding: try readFile(clips.place("run/metrics.jsonl")), as: UTF8.self)
    #expect(log.contains(#""medium":"audio","image_to_text":"#), "\(log)")
    let card = String(decoding: try readFile(clips.place("run/last/README.md")), as: UTF8.self)
    #expect(card.contains("audio→text R@5") && !card.contains("image→text"), "\(card)")
    #expect(card.contains("pipeline_tag: zero-shot-audio-classification") && card.contains("model-index:"), "\(card)")
  }

  /// Clips are told apart by words that they were never labelled with.
  @Test func wordsTellClipsApart() throws {
    try runs(["optimizer.learning_rate=0.003"]).train("run", steps: 120)
    let loaded = try LoadedModel(path: clips.place("run/last"), threads: 1)
    let data = try ClassifiedPhotos(at: clips.place("folder"))
    #expect(data.photos.kind == .clips && data.classes.map(\.key) == ["high", "low", "middle"])
    let one = try loaded.classify(data, templates: ["a {} tone"], PhotoEncoding(), SoloCommunicator())
    #expect(one.report.top1 > 0.9, "\(one.report.top1)")
    let path = clips.place("run/last")
    let two = try InProcessCommunicator.run(ranks: 2) {
      try LoadedModel(path: path, threads: 1).classify(data, templates: ["a {} tone"], PhotoEncoding(), $0).report
    }
    #expect(two == [one.report, one.report])
  }

  /// What is cut off is counted and said: of 24 clips of 75 to 135 ms those longer than 16 frames' 175 ms, and than 8 frames' 95 ms.
  @Test func longClipsAreCounted() throws {
    let remarks = { (settings: [String]) in
      try RunForecast(runs(Self.classes + settings).configuration("dry"), dataPath: clips.place("set"), ranks: 1)
        .remarks
        .filter { $0.contains("that are heard of one") }
    }
    #expect(try remarks([]) == [])
    let longer = (0..<24).count { 1200 + 160 * ($0 % 7) > 7 * 160 + 400 }
    let found = try remarks(["model.audio.frames=8"])
    #expect(
      found.count == 1 && found[0].hasPrefix("\(longer) of 24 clips of train are longer than the 0.1 s"), "\(found)")
  }

  // MARK: What cannot be

  @Test func whatIsNoClipIsSaid() throws {
    try runs(Self.classes).train("run", steps: 2)
    let model = try #require(try TaskModel(ModelDirectory(path: clips.place("run/last")), threads: 1))
    let words = { (files: [String], kind: MediaKind) -> String in
      let error = #expect(throws: (any Error).self) {
        _ = try model.predict(PhotoFiles(at: files.map { clips.place($0) }, kind), [], top: 1)
      }
      return error.map { "\($0)" } ?? ""
    }
    try writeAtomically("a note".utf8, to: clips.place("note.wav"))
    try writeAtomically(WaveFile().bytes, to: clips.place("empty.wav"))
    try makeDirectory(clips.place("nothing"))
    #expect(words(["note.wav"], .clips).contains("not a WAV, FLAC, Ogg"))
    #expect(words(["empty.wav"], .clips).contains("without a sample"))
    #expect(words(["nothing"], .clips).contains("no sounds in it"))
    #expect(words(["note.wav"], .photos).contains("hears clips, and no photos; name sound files (--audio)"))
    let nothing = #expect(throws: TaskError.self) { try model.predict(nil, [], top: 1) }
    #expect(nothing?.description.contains("hears clips; give some with --audio") == true)
  }

  @Test func settingsThatNoModelCanHave() throws {
    let both = runs(["model.vision.encoder=vit"]).refusal([])
    #expect(both.contains("reads photos or clips beside texts, not both"), "\(both)")
    let pictures = SmallRuns(["model.name=dual-encoder", "model.preset=tiny"] + Self.classes, in: clips.place).refusal(
      [])
    #expect(pictures.contains("hears none; name a tower of clips (model.audio.encoder"), "\(pictures)")
  }

  /// A set of clips holds nothing for a model that sees photos.
  @Test func photosThatAreNotThere() throws {
    let photos = SmallRuns(["model.name=dual-encoder", "model.preset=tiny"], in: clips.place)
    let error = #expect(throws: BatchingError.self) { try photos.train("run") }
    #expect(error?.description.contains("image") == true, "\(String(describing: error))")
  }
}
