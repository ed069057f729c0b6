import Layers
import Models
import TensorEngine
import TestSupport
import Testing

/// What a model does not see of pictures, and what it is asked of that.
@Suite struct HiddenPlacesTests {
  private struct Made {
    let model: any MaskedRegionModel
    let arena: ParameterArena
    let engine = Engine(threadCount: 1)

    init(_ description: any ModelDescription) throws {
      let builder = ParameterBuilder()
      model = try #require(description.make(builder) as? any MaskedRegionModel)
      arena = ParameterArena(builder)
      arena.initialize(seed: 3)
    }

    /// The joint states of two pictures beside two texts.
    func states(_ pixels: [Float], hidden: [[Int]], extents: [PictureExtent]? = nil) -> [Float] {
      let tape = Tape(engine, recording: false)
      let pictures = Pictures(pixels: engine.tensor(pixels, shape: [2, 3, 16, 16]), extents: extents)
      let images = ImageInput(.pictures(pictures)).hiding(hidden)
      let joint = model.join(
        model.imageEncoder(images, .all, tape), model.textEncoder(PackedText([[1, 5, 2], [1, 2]]), .all, tape),
        [ImageTextPair(image: 0, text: 0), ImageTextPair(image: 1, text: 1)], tape)
      return joint.images.states.values()
    }
  }

  private static let stream: ViLTConfiguration = {
    var stream = ViLTConfiguration()
    (stream.imageSize, stream.patchSize, stream.width, stream.intermediate) = (16, 8, 16, 32)
    (stream.layerCount, stream.heads, stream.vocabularySize, stream.contextLength) = (1, 2, 20, 8)
    return stream
  }()

  private static func request(_ encoder: String?) -> ModelRequest {
    smallRequest("uniter") {
      ($0.vision.encoder, $0.text.layers, $0.fusion.layers) = (encoder, 1, 1)
    }
  }

  private let pixels: [Float] = (0..<1536).map { (place: Int) -> Float in Float(place * 7 % 13) / 6 - 1 }

  /// Other pixels of the lower left quarter of the first picture.
  private var changed: [Float] {
    pixels.enumerated().map { (place: Int, value: Float) -> Float in
      let (row, column) = (place / 16 % 16, place % 16)
      return place < 768 && row >= 8 && column < 8 ? value + 0.5 : value
    }
  }

  /// Hidden pixels are nothing to the model, whoever reads them first: one transformer, or an image tower.
  @Test func hiddenPixelsAreNotSeen() throws {
    let request = Self.request("vit")
    let descriptions: [any ModelDescription] = [
      Self.stream, try UNITERConfiguration(request, from: nil), try ViLBERTConfiguration(request, from: nil),
      try FusionModelConfiguration(request, from: nil), try CrossAttentionConfiguration(Self.request(nil), from: nil),
    ]
    for description in descriptions {
      let made = try Made(description)
      let hidden = made.states(pixels, hidden: [[2], []])
      #expect(made.states(changed, hidden: [[2], []]) == hidden, "\(description.name)")
      #expect(made.states(changed, hidden: [[], []]) != made.states(pixels, hidden: [[], []]))
      #expect(made.states(pixels, hidden: [[], []]) != hidden)
    }
  }

  /// In a picture of one column of patches the second patch lies below the first.
  @Test func patchesOfOtherPicturesAreHidden() throws {
    let made = try Made(Self.stream)
    let extents = [PictureExtent(height: 16, width: 8), PictureExtent(height: 16, width: 16)]
    let hidden = made.states(pixels, hidden: [[1], []], extents: extents)
    #expect(made.states(changed, hidden: [[1], []], extents: extents) == hidden)
    #expect(
      made.states(changed, hidden: [[0], []], extents: extents)
        != made.states(pixels, hidden: [[0], []], extents: extents))
    let images = ImageInput(
      .pictures(Pictures(pixels: made.engine.tensor(pixels, shape: [2, 3, 16, 16]), extents: extents)))
    #expect(
      made.model.boxesOfRegions(in: images) == [
        [Box(0, 0, 1, 0.5), Box(0, 0.5, 1, 1)],
        [Box(0, 0, 0.5, 0.5), Box(0.5, 0, 1, 0.5), Box(0, 0.5, 0.5, 1), Box(0.5, 0.5, 1, 1)],
      ])
  }

  /// Targets are those of masked autoencoders.
  @Test func normalisedPixelsArePyTorchs() throws {
    let golden = try GoldenFile("patches.safetensors")
    var sizes = Self.stream
    (sizes.imageSize, sizes.patchSize) = (8, 4)
    let made = try Made(sizes)
    let array = try golden.array("pixels")
    let images = ImageInput(
      .pictures(
        Pictures(
          pixels: made.engine.tensor(array.values, shape: array.shape),
          extents: [PictureExtent(height: 8, width: 12), PictureExtent(height: 8, width: 8)])))
    let all = try #require(made.model.pixels(of: images, at: [Array(0..<6), Array(0..<4)], made.engine))
    let wanted = try golden.array("targets")
    #expect(all.shape == wanted.shape)
    #expect(difference(all.values(), wanted.values, relative: 2e-6, scale: .largest) == nil)
    let some = try #require(made.model.pixels(of: images, at: [[4], [0, 3]], made.engine))
    let rows: [[Float]] = [4, 6, 9].map { row in Array(all.values()[row * 48..<(row + 1) * 48]) }
    #expect(some.values() == Array(rows.joined()))
  }

  /// What is asked of a hidden region is what the model would read there.
  @Test func featuresAreThoseThatAreRead() throws {
    let made = try Made(UNITERConfiguration(Self.request("vit"), from: nil))
    let images = ImageInput(made.engine.tensor(pixels, shape: [2, 3, 16, 16]))
    let one = try #require(made.model.features(of: images, at: [[2], [0, 1]], made.engine))
    #expect(one.shape == [3, 12])
    #expect(
      made.model.features(of: images.hiding([[2], []]), at: [[2], [0, 1]], made.engine)?.values() == one.values())
    let regions = PackedRegions(
      features: made.engine.tensor((0..<12).map { Float($0) }, shape: [3, 4]),
      boxes: (0..<3).map { Box(0, 0, Float($0 + 1) / 4, 1) }, offsets: [0, 1, 3])
    var given = Self.request("vit").settings
    (given.vision.encoder, given.regions.width) = (nil, 4)
    let reader = try Made(
      UNITERConfiguration(ModelRequest(given, vocabularySize: 20, tokens: (1, 2)) { _ in false }, from: nil))
    let read = try #require(reader.model.features(of: ImageInput(regions), at: [[0], [1]], reader.engine))
    #expect(read.values() == [0, 1, 2, 3, 8, 9, 10, 11])
    #expect(reader.model.pixels(of: ImageInput(regions), at: [[0], []], reader.engine) == nil)
    #expect(reader.model.boxesOfRegions(in: ImageInput(regions)).map(\.count) == [1, 2])
  }
}
