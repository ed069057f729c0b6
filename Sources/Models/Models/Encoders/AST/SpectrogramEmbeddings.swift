internal import Layers
internal import TensorEngine

/// The tokens of clips: one for the class and one for a teacher's class (DeiT's distillation token), then a linear map of each patch of
/// the spectrogram, and learned positions on top (Gong et al., 2021, §2.1). Patches of the lowest bands come first, from the clip's
/// beginning on. A clip has the patches of its own frames and no others.
struct SpectrogramEmbeddings {
  private let configuration: ASTConfiguration
  private let classToken: Parameter
  private let distillationToken: Parameter
  private let positions: Parameter
  private let patchWeight: Parameter
  private let patchBias: Parameter

  /// - Parameter builder: of these arrays.
  init(_ configuration: ASTConfiguration, _ builder: ParameterBuilder) {
    self.configuration = configuration
    let (width, patch) = (configuration.width, configuration.patchSize)
    let drawn = Initialization.normal(standardDeviation: ASTConfiguration.deviation)
    classToken = builder.parameter("cls_token", [1, 1, width], drawn)
    distillationToken = builder.parameter("distillation_token", [1, 1, width], drawn)
    positions = builder.parameter(
      "position_embeddings", [1, configuration.tokens, width], drawn, firstOfGrid: ASTConfiguration.wholeTokens,
      linesOfGrid: configuration.grid.rows)
    let projection = builder["patch_embeddings.projection"]
    patchWeight = projection.parameter("weight", [width, 1, patch, patch], drawn)
    patchBias = projection.parameter("bias", [width], .constant(0))
  }

  /// → tokens [Σ (2 + P), W], and where each clip's begin.
  func callAsFunction(_ clips: PackedClips, _ tape: Tape) -> (tokens: Tensor, offsets: [Int]) {
    let grids = clips.frames.map(configuration.grid(frames:))
    let patches = tape.linear(
      tape.patches(
        clips.rows, offsets: clips.offsets, side: configuration.patchSize,
        strides: (configuration.frequencyStride, configuration.timeStride), grids: grids),
      weight: patchWeight.tensor, bias: patchBias.tensor, keepsFloat32: true)
    let whole = [classToken, distillationToken].map { tape.gatherRows($0.tensor, [0]) }
    let tokens = tape.gatherRows(tape.concatenateRows(whole + [patches]), rows(of: grids))
    return (
      tape.add(tokens, tape.gatherRows(positions.tensor, grids.flatMap(positionRows))),
      grids.reduce(into: [0]) { $0.append($0[$0.count - 1] + ASTConfiguration.wholeTokens + $1.count) }
    )
  }

  /// Each clip's tokens among those of the whole, and all patches behind these.
  private func rows(of grids: [PatchGrid]) -> [Int] {
    var next = ASTConfiguration.wholeTokens
    return grids.flatMap { grid in
      defer { next += grid.count }
      return Array(0..<ASTConfiguration.wholeTokens) + Array(next..<next + grid.count)
    }
  }

  /// A shorter clip has the first positions of each line.
  private func positionRows(of grid: PatchGrid) -> [Int] {
    let (whole, all) = (ASTConfiguration.wholeTokens, configuration.grid)
    return Array(0..<whole)
      + (0..<grid.rows).flatMap { line in (0..<grid.columns).map { whole + line * all.columns + $0 } }
  }
}
