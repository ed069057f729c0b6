import Batching
import Collectives
import Configuration
import Files
import Images
import Inference
import Pretrained
import Reporting
import TestSupport
import Testing
import Training

/// Runs on videos of several lengths.
@Suite(.serialized) struct FrameRunTests {
  private let place: TemporaryDirectory

  /// A bright column goes through 24 videos of 1 to 5 frames, to the left or to the right.
  init() throws {
    place = try TemporaryDirectory()
    let writer = try PreparedDataSetWriter(directory: place("set"), description: .init(name: "columns"))
    try writer.addFile("tokenizer.json", bytes: readFile(goldenDirectory + "/tokenization/tiny-tokenizer.json"))
    for number in 0..<24 {
      let columns = (0..<1 + number % 5).map { (3 * number + (number % 2 == 0 ? 2 * $0 : 14 - 2 * $0)) % 16 }
      let frames = columns.map { bright in
        let pixels = (0..<16 * 16 * 3).map { UInt8($0 / 3 % 16 == bright ? 250 : 20 + number) }
        return PreparedFrame(file: storedPNG(Image(width: 16, height: 16, pixels: pixels)), width: 16, height: 16)
      }
      var record = SampleRecord(
        key: "k\(100 + number)", fileName: "\(100 + number)", split: number < 18 ? "train" : "validation",
        captions: ["number \(number)"])
      record.columns.labels["side"] = [number % 2 == 0 ? "right" : "left"]
      try writer.add(
        image: frames[0].file, width: 16, height: 16, record: record, frames: Array(frames.dropFirst()))
    }
    try writer.finish()
  }

  private func runs(_ settings: [String]) -> SmallRuns {
    SmallRuns(
      [
        "model.name=dual-encoder", "model.vision.image_size=16", "model.vision.patch_size=8", "model.vision.width=16",
        "model.vision.heads=2", "model.vision.layers=1", "model.text.width=16", "model.text.heads=2",
        "model.text.layers=1", "model.embedding_width=16", "evaluation.every_epochs=0",
      ] + settings, in: place)
  }

  private static let positions = ["model.frames.pooling=positions", "model.frames.limit=4"]

  @Test(arguments: [
    ["model.frames.pooling=mean", "data.augmentation=standard"], positions, positions + ["batch.micro=5"],
  ])
  func ranksLearnAsOne(settings: [String]) throws { try runs(settings).expectTheSameOnRanks() }

  @Test func piecesEndAsTheWhole() throws {
    try runs(Self.positions + ["data.augmentation=standard"]).expectTheSameInPieces()
  }

  @Test func aForecastIsTakenAgain() throws {
    try runs(Self.positions + ["model.text.causal=false"]).expectAForecastIsTakenAgain()
  }

  /// Of 18 videos three have five frames.
  @Test func longVideosAreCounted() throws {
    let remarks = { (settings: [String]) in
      try RunForecast(runs(settings).configuration("dry"), dataPath: place("set"), ranks: 1).remarks
        .filter { $0.contains("model.frames.limit") }
    }
    #expect(try remarks(["model.frames.pooling=mean"]) == [])
    let found = try remarks(Self.positions)
    #expect(found.count == 1 && found[0].hasPrefix("3 of 18 videos of train have more than 4 frames"), "\(found)")
  }

  /// A trained model encodes videos alike on any number of ranks, and a picture as a video of one frame.
  @Test func videosAreEncoded() throws {
    try runs(Self.positions).train("run", steps: 2)
    let model = try LoadedModel(path: place("run/last"), threads: 1)
    let set = try PreparedDataSet(path: place("set"))
    let videos = try SplitPhotos(set, split: "validation")
    let one = try model.encode(videos)
    #expect(one.places == Array(0..<6) && one.problems.isEmpty)
    let path = place("run/last")
    let two = try InProcessCommunicator.run(ranks: 2) { communicator in
      try LoadedModel(path: path, threads: 1).encode(
        SplitPhotos(PreparedDataSet(path: place("set")), split: "validation"), PhotoEncoding(), communicator)
    }
    #expect(difference(two[1].features.values, one.features.values, relative: 1e-5, floor: 1e-6) == nil)
    try writeAtomically(set.withImageBytes(videos.samples[2]) { Array($0) }, to: place("first.png"))
    let photo = try model.encode(PhotoFiles(at: [place("first.png")])).features[0]
    let isSame = try set.frames(of: videos.samples[2]).isEmpty
    #expect((difference(Array(photo), Array(one.features[2]), relative: 1e-5, floor: 1e-6) == nil) == isSame)
  }

  // MARK: What cannot be

  @Test func modelsOfPhotosRefuseVideos() throws {
    let photos = runs([]).refusal([])
    #expect(photos.contains("videos of several frames, and the model looks at one photo"), "\(photos)")
    let sounds = runs(["model.audio.encoder=ast", "model.frames.pooling=mean"]).refusal([])
    #expect(sounds.contains("hears clips, which have no frames"), "\(sounds)")
    for (settings, words) in [
      (["model.frames.limit=4"], "where model.frames.pooling is none"),
      (["model.frames.pooling=mean", "model.frames.layers=2"], "where model.frames.pooling is mean"),
    ] {
      let told = runs(settings).refusal([])
      #expect(told.contains(settings.last?.prefix { $0 != "=" } ?? "") && told.contains(words), "\(told)")
    }
    let classes = ["task.name=classification", "task.label=side", "task.inputs=[image]"]
    let mixed = runs(Self.positions + classes + ["data.mixup=0.5"]).refusal([])
    #expect(mixed.contains("videos of two lengths make no third"), "\(mixed)")
  }

  @Test(arguments: ["clip", "cross-attention", "vilt"])
  func othersSayThatTheyLookAtOnePhoto(_ name: String) throws {
    let error = #expect(throws: (any Error).self) {
      try SmallRuns(["model.name=\(name)", "model.frames.pooling=mean"], in: place).train("other", steps: 1)
    }
    #expect((error as? any ReportableError)?.exitCode == .configuration)
    #expect(error.map { "\($0)" }?.contains("model.frames.pooling") == true)
  }
}
