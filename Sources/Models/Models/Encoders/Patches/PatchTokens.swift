internal import Layers
internal import TensorEngine

/// A linear map of each patch and a learned position on top (Dosovitskiy et al., 2021, eq. 1, without a class token): all of them
/// stand for the picture.
struct PatchTokens: PictureEncoder {
  let weight: Parameter
  let bias: Parameter
  let positions: Parameter
  private let grid: PatchGrid
  private let patchSize: Int

  init(_ description: PatchDescription, _ builder: ParameterBuilder) {
    let side = description.imageSize / description.patchSize
    (grid, patchSize) = (PatchGrid(rows: side, columns: side), description.patchSize)
    let (drawn, projection) = (
      Initialization.normal(standardDeviation: ViTConfiguration.deviation), builder["patch_embeddings.projection"]
    )
    weight = projection.parameter("weight", [description.width, 3, patchSize, patchSize], drawn)
    bias = projection.parameter("bias", [description.width], .constant(0))
    positions = builder.parameter(
      "position_embeddings.weight", [grid.count, description.width], drawn, firstOfGrid: 0)
  }

  var width: Int { weight.shape[0] }
  var places: TokenGrid? { TokenGrid(rows: grid.rows, columns: grid.columns, hasClassToken: false) }

  /// pixels [B, 3, S, S] → [B P, W]
  func callAsFunction(_ pixels: Tensor, _ tokens: EncodedTokens, _ tape: Tape) -> Encoding {
    let images = 0..<pixels.shape[0]
    let patches = tape.linear(
      tape.patches(pixels, side: patchSize, grids: images.map { _ in grid }), weight: weight.tensor,
      bias: bias.tensor, keepsFloat32: true)
    let states = tape.add(patches, tape.gatherRows(positions.tensor, images.flatMap { _ in 0..<grid.count }))
    let all = Encoding(pooledOverAll: states, offsets: (0...images.count).map { $0 * grid.count })
    return switch tokens {
    case .all: all
    case .pooled: Encoding(pooled: all.pooled(tape))
    }
  }
}
