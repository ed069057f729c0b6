internal import Checkpoints
internal import Files
internal import Images
internal import Layers
internal import Models
internal import TensorEngine
internal import Tokenization

/// A CLIP of random weights with photos to look at: small enough for any test, and in the layout of published ones.
public struct TinyCLIP: Sendable {
  /// A directory as transformers writes it: config.json, model.safetensors, tokenizer.json, preprocessor_config.json.
  public let path: String

  /// Writes the model; equal seeds give equal weights.
  /// - Parameter width: of both towers.
  public init(in path: String, seed: UInt64 = 1, width: Int = 32) throws {
    self.path = path
    try makeDirectory(path)
    let tokenizerJSON = try readFile(goldenDirectory + "/tokenization/tiny-tokenizer.json")
    let tokenizer = try loadTokenizer(tokenizerJSON, path: "tiny-tokenizer.json")
    var sizes = CLIPConfiguration()
    (sizes.vision.imageSize, sizes.vision.patchSize) = (32, 8)
    (sizes.vision.width, sizes.vision.intermediate, sizes.vision.layers, sizes.vision.heads) = (width, 2 * width, 2, 2)
    (sizes.text.width, sizes.text.intermediate, sizes.text.layers, sizes.text.heads) = (width, 2 * width, 2, 2)
    (sizes.text.contextLength, sizes.text.vocabularySize) = (16, tokenizer.vocabularySize)
    (sizes.text.startToken, sizes.text.endToken) = (tokenizer.startToken, tokenizer.endToken)
    sizes.embeddingWidth = 24
    let builder = ParameterBuilder()
    let model = CLIP(sizes, builder)
    let arena = ParameterArena(builder)
    arena.initialize(seed: seed)
    let tensors = arena.slices.map {
      NamedTensor(name: $0.name, shape: $0.shape, floats: UnsafeBufferPointer(arena.weights(of: $0)))
    }
    try withExtendedLifetime((model, arena)) { try writeSafetensors(tensors, to: path + "/model.safetensors") }
    try writeAtomically(sizes.json(), to: path + "/config.json")
    try writeAtomically(tokenizerJSON, to: path + "/tokenizer.json")
    try writeAtomically(Preprocessing.clip(imageSize: 32).huggingFaceJSON(), to: path + "/preprocessor_config.json")
  }
}

/// A JPEG whose colours depend on the number, of a size of its own.
public func testPhoto(_ number: Int) throws -> [UInt8] {
  var image = Image(width: 40 + number % 7 * 3, height: 36 + number % 5 * 4)
  for y in 0..<image.height {
    for x in 0..<image.width {
      image[x, y] = (
        UInt8((x * (3 + number) + number * 40) % 256), UInt8((y * 5 + number * 90) % 256),
        UInt8((x * y + number * 17) % 256)
      )
    }
  }
  return try encodeJPEG(image, quality: 90)
}

/// Writes photos into a folder under the names given; the first one is photo 0.
public func writePhotos(_ names: [String], in folder: String) throws {
  for (number, name) in names.enumerated() {
    try makeDirectory(parentDirectory(of: folder + "/" + name))
    try writeAtomically(testPhoto(number), to: folder + "/" + name)
  }
}
