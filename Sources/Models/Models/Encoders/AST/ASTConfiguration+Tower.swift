public import Audio
public import Layers
internal import TensorEngine

extension ASTConfiguration: ClipTowerDescription {
  public static let modelType = "audio-spectrogram-transformer"
  public static let title = "AST"
  public static let names = ["ast"]

  public static let publishedKeys = [
    PublishedKeys(
      "AST of Hugging Face", prefixes: ["", "audio_spectrogram_transformer.", "audio_model."],
      mark: "embeddings.distillation_token",
      unusedPrefixes: ["classifier.", "text_model.", "audio_projection.", "text_projection.", "logit_scale"])
  ]

  /// The shapes of a file say neither how many heads a layer has nor how far apart patches are.
  public init?(shape: (_ parameter: String) -> [Int]?) { return nil }

  public init(_ name: String, _ request: ModelRequest) throws(ModelRequestError) {
    let settings = request.settings.audio
    (bands, frames, patchSize) = (settings.bands, settings.frames, settings.patchSize)
    (frequencyStride, timeStride) = (settings.stride, settings.stride)
    (width, intermediate) = (settings.width, 4 * settings.width)
    (layerCount, heads) = (settings.layers, settings.heads)
  }

  public var flaw: String? {
    outside(bands, 1...4096, "a number of bands") ?? outside(frames, 1...100_000, "a number of frames")
      ?? outside(patchSize, 1...256, "a patch size") ?? outside(frequencyStride, 1...256, "a stride of patches")
      ?? outside(timeStride, 1...256, "a stride of patches")
      ?? (patchSize > min(bands, frames)
        ? "patches of \(patchSize) do not lie in \(frames) frames of \(bands) bands" : nil)
      ?? outside(grid.count, 1...65_536, "a number of patches") ?? transformer.flaw
  }

  public var layers: TowerLayers {
    TowerLayers(
      embeddings: ["embeddings."], blocks: (0..<layerCount).map { ["encoder.layer.\($0)."] },
      finalNorm: ["layernorm."], projection: [])
  }

  public var tokens: Int { Self.wholeTokens + grid.count }

  private var block: BlockGroup {
    BlockGroup(
      "audio", .audio, layers: layerCount, heads: heads, width: width, intermediate: intermediate, tokens: tokens)
  }

  public var blocks: [BlockGroup] { [block] }

  /// With the statistics of AudioSet.
  public var usualClips: AudioPreprocessing {
    var made = AudioPreprocessing.ast
    (made.spectrogram.bands, made.maximumFrames) = (bands, frames)
    return made
  }

  /// Of clips that are as long as they may be.
  public func operations(_ lengths: [Int], _ shapes: BatchShapes) -> Double {
    var count = OperationCount(shapes)
    count.product(lengths.count * grid.count, patchSize * patchSize, width, times: 2)
    count.tower(block, lengths.map { _ in tokens })
    return count.total
  }

  public func makeEncoder(_ builder: ParameterBuilder) -> any ImageEncoder { ASTTower(self, builder) }
}
