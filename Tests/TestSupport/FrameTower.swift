public import Audio
public import Layers
public import Models
public import Settings
internal import TensorEngine

/// A small tower of clips that is in no catalogue: a linear map of each frame, all of which stand for the clip.
public struct FrameTower: ClipTowerDescription {
  public static let modelType = "frames"
  public static let title = "frames alone"
  public static let names = [modelType]
  public static let publishedKeys = [PublishedKeys("nobody's", mark: "weight")]

  public var width: Int
  public var usualClips: AudioPreprocessing

  /// - Parameters:
  ///   - bands: M
  ///   - frames: the most of a clip.
  public init(width: Int, bands: Int, frames: Int) {
    var clips = AudioPreprocessing.ast
    (clips.spectrogram.bands, clips.maximumFrames) = (bands, frames)
    (self.width, usualClips) = (width, clips)
  }

  public init(_ file: Settings) throws(SettingsError) { throw .missing(file: file.file, key: "model_type") }
  public init?(shape: (_ parameter: String) -> [Int]?) { return nil }
  public init(_ name: String, _ request: ModelRequest) throws(ModelRequestError) {
    self.init(width: request.settings.audio.width, bands: request.settings.audio.bands, frames: 8)
  }

  public var frames: Int {
    get { usualClips.maximumFrames }
    set { usualClips.maximumFrames = newValue }
  }
  public var flaw: String? { nil }
  public var tokens: Int { usualClips.maximumFrames }
  public var blocks: [BlockGroup] { [] }
  public var layers: TowerLayers {
    TowerLayers(embeddings: ["weight", "bias"], blocks: [], finalNorm: [], projection: [])
  }
  public func operations(_ lengths: [Int], _ shapes: BatchShapes) -> Double {
    Double(6 * lengths.count * tokens * usualClips.bands * width)
  }
  public func encode(to encoder: any Encoder) throws {}
  public func makeEncoder(_ builder: ParameterBuilder) -> any ImageEncoder { FrameEncoder(self, builder) }
}

private struct FrameEncoder: ImageEncoder {
  let weight: Parameter
  let bias: Parameter

  init(_ tower: FrameTower, _ builder: ParameterBuilder) {
    weight = builder.parameter("weight", [tower.width, tower.usualClips.bands], .normal(standardDeviation: 0.3))
    bias = builder.parameter("bias", [tower.width], .constant(0))
  }

  var width: Int { weight.shape[0] }

  func callAsFunction(_ images: ImageInput, _ tokens: EncodedTokens, _ tape: Tape) -> Encoding {
    let clips = images.clips
    let states = tape.linear(clips.rows, weight: weight.tensor, bias: bias.tensor, keepsFloat32: true)
    return Encoding(pooledOverAll: states, offsets: clips.offsets)
  }
}
