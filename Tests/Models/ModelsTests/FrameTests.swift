import Layers
import Models
import Settings
import TensorEngine
import TestSupport
import Testing

/// Models that look at the frames of videos.
@Suite struct FrameTests {
  private static let side = 24

  private func description(_ pooling: FramePooling?) -> DualEncoderConfiguration {
    var words = BERTConfiguration()
    (words.vocabularySize, words.positions, words.width, words.intermediate) = (20, 8, 16, 32)
    (words.layerCount, words.heads) = (1, 2)
    var made = DualEncoderConfiguration(smallResNet(.basic), words, embeddingWidth: 8)
    if var vision = made.vision as? ResNetDescription {
      vision.pictures.imageSize = Self.side
      made.vision = vision
    }
    made.frames = pooling.map { FrameConfiguration(pooling: $0, limit: 6, layers: 2) }
    return made
  }

  /// Features of videos, each given by what its frames show; without pooling of one photo each.
  private func features(_ pooling: FramePooling?, _ videos: [[String]], folded: Bool = false) throws -> [[Float]] {
    let builder = ParameterBuilder()
    let made = description(pooling).make(builder)
    let arena = ParameterArena(builder)
    arena.draw()
    let fast = folded ? made.fastest(arena) : (made, arena)
    let model = try #require(fast.0 as? any FeatureModel)
    let engine = Engine(threadCount: 2)
    let pictures = Pictures(
      pixels: engine.tensor(
        videos.joined().flatMap { drawn($0, count: 3 * Self.side * Self.side) },
        shape: [videos.joined().count, 3, Self.side, Self.side]))
    let offsets = videos.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
    let input = ImageInput(
      pooling == nil ? .pictures(pictures) : .frames(PackedFrames(pictures, offsets: offsets)))
    let all = withExtendedLifetime(fast.1) {
      model.features(images: input, Tape(engine, recording: false)).values()
    }
    return videos.indices.map { Array(all[$0 * 8..<($0 + 1) * 8]) }
  }

  @Test func theMeanOfEqualFramesIsThePhoto() throws {
    let photos = try features(nil, [["a"], ["b"]])
    #expect(try features(.mean, [["a"], ["b"]]) == photos, "a video of one frame is the photo, to the bit")
    let videos = try features(.mean, [["a", "a", "a"], ["b", "b"]])
    for (video, photo) in zip(videos, photos) { #expect(difference(video, photo, relative: 1e-5, floor: 1e-6) == nil) }
    let mixed = try features(.mean, [["a", "b"]])[0]
    #expect(difference(mixed, photos[0], relative: 1e-2, floor: 1e-3) != nil, "both frames count")
  }

  @Test func orderMattersWithPositionsAlone() throws {
    let order = [["a", "b", "c"], ["c", "b", "a"]]
    let mean = try features(.mean, order)
    #expect(difference(mean[0], mean[1], relative: 1e-5, floor: 1e-6) == nil)
    let positions = try features(.positions, order)
    #expect(difference(positions[0], positions[1], relative: 1e-3, floor: 1e-4) != nil)
  }

  @Test(arguments: FramePooling.allCases)
  func raggedVideosAreWhatEachIsAlone(_ pooling: FramePooling) throws {
    let videos = [["a", "b", "c"], ["d"], ["b", "e", "a", "c", "d", "f"]]
    let together = try features(pooling, videos)
    for (video, found) in zip(videos, together) {
      let alone = try features(pooling, [video])[0]
      #expect(difference(found, alone, relative: 1e-5, floor: 1e-6) == nil)
    }
    let folded = try features(pooling, videos, folded: true)
    for (one, other) in zip(folded, together) { #expect(difference(one, other, relative: 1e-4, floor: 1e-5) == nil) }
  }

  @Test func someOfTheVideosInPlace() {
    let engine = Engine(threadCount: 1)
    let pixels = engine.tensor((0..<6 * 12).map { Float($0 / 12) }, shape: [6, 3, 2, 2])
    let input = ImageInput(.frames(PackedFrames(Pictures(pixels: pixels), offsets: [0, 2, 3, 6])))
    #expect(input.count == 3)
    let part = input[1..<3].frames
    #expect(part.offsets == [0, 1, 4] && part.pictures.pixels.values().first == 2)
  }

  /// Where loaders leave room in which nothing is.
  @Test func roomIsNotLookedAt() {
    let engine = Engine(threadCount: 1)
    let room: [Float] = (0..<3 * 24).map { $0 % 24 < 12 ? Float($0 / 24) : .nan }
    let packed = room.withUnsafeBufferPointer { PackedFrames($0, counts: [1, 0, 1], side: 2, engine) }
    #expect(packed.offsets == [0, 1, 2])
    #expect(packed.pictures.pixels.values() == [Float](repeating: 0, count: 12) + [Float](repeating: 2, count: 12))
  }

  @Test(arguments: FramePooling.allCases)
  func aFileSaysHowFramesBecomeOne(_ pooling: FramePooling) throws {
    let made = description(pooling)
    let read = try ModelCatalogue.description(json: made.json(), file: "config.json")
    #expect(made.isEqual(to: read))
    #expect(made.images == .frames(FrameShape(side: Self.side, limit: 6)))
    #expect(made.huggingFaceForm == nil && made.huggingFaceObstacle?.contains("frames of a video") == true)
    let text = String(decoding: try made.json(), as: UTF8.self)
    let wrong = text.replacing("\"pooling\" : \"\(pooling.rawValue)\"", with: "\"pooling\" : \"latest\"")
    let error = #expect(throws: SettingsError.self) {
      _ = try ModelCatalogue.description(json: Array(wrong.utf8), file: "config.json")
    }
    #expect(error.map { "\($0)" }?.contains("mean, positions") == true)
  }

  @Test func layersOverFramesEqualPyTorchs() throws {
    let golden = try GoldenFile("frames.safetensors")
    let (engine, builder) = (Engine(threadCount: 2), ParameterBuilder())
    let sizes = FrameConfiguration(pooling: .positions, limit: 6, layers: 2)
    let order = try #require(FrameOrder(builder, sizes, width: 16))
    let arena = ParameterArena(builder)
    func name(_ slice: ParameterSlice) -> String { String(slice.name.dropFirst("frame_model.".count)) }
    for slice in arena.slices {
      _ = arena.weights(of: slice).update(from: try golden.floats("weights/" + name(slice)))
    }
    let tape = Tape(engine)
    let frames = engine.tensor(try golden.floats("frames"), shape: [10, 16])
    let offsets = try golden.integers("offsets")
    let videos = Encoding(pooledOverAll: order(frames, offsets, tape), offsets: offsets).pooled(tape)
    #expect(difference(videos.values(), try golden.floats("videos"), relative: 1e-5, floor: 1e-5) == nil)
    arena.markGradientsStale()
    try tape.backward(from: [(videos, engine.tensor(try golden.floats("upstream"), shape: [3, 16]))])
    for slice in arena.slices {
      let found = Array(arena.gradients(of: slice))
      let expected = try golden.floats("gradient/" + name(slice))
      #expect(difference(found, expected, relative: 1e-4, floor: 2e-5) == nil, "\(slice.name)")
    }
  }
}
