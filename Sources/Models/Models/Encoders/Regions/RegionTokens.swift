internal import Layers
internal import TensorEngine

/// Regions that no network looks at before they meet a text: the norm of W f + W b of each one's features and of where it lies (Lu et
/// al., "ViLBERT", 2019, §3.1). Of a hidden one the features are zero. All of them stand for the image.
struct RegionTokens: ImageEncoder {
  let features: Linear
  let places: Linear
  let norm: LayerNorm

  init(_ shape: RegionShape, width: Int, epsilon: Float, _ builder: ParameterBuilder) {
    let layer = { (name: String, inputs: Int) in
      Linear(
        builder, name, inputs: inputs, outputs: width, keepsFloat32: true,
        standardDeviation: BERTConfiguration.deviation)
    }
    (features, places) = (layer("features", shape.width), layer("boxes", BoxNumbers.withArea.rawValue))
    norm = LayerNorm(builder, "norm", width: width, epsilon: epsilon, keepsFloat32: true)
  }

  var width: Int { features.weight.shape[0] }
  func boxes(of images: ImageInput) -> [[Box]]? { images.regions.boxesOfImages }

  /// → [ΣR, W]
  func callAsFunction(_ images: ImageInput, _ tokens: EncodedTokens, _ tape: Tape) -> Encoding {
    let (regions, engine) = (images.regions, tape.engine)
    let seen = tape.replacing(
      regions.rows(of: images.hidden), of: regions.features, by: engine.zeros([1, regions.features.columns]))
    let boxes = places(regions.boxNumbers(.withArea, engine), tape)
    let all = Encoding(
      pooledOverAll: norm(boxes, adding: features(seen, tape), tape).normalized, offsets: regions.offsets)
    return switch tokens {
    case .all: all
    case .pooled: Encoding(pooled: all.pooled(tape))
    }
  }
}
