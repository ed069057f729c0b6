internal import Layers
internal import TensorEngine

/// A token of each of a network's last stages: the mean over all places of max(0, W f), with a W of each stage (Khare et al., "MMBERT",
/// 2021, §3.1), the deepest first. Then as words have it, a norm of that, a place's row and the token type of images.
struct StageTokens: ImageEncoder {
  let network: any StagedEncoder
  /// 1×1 convolutions without a bias, the deepest stage's first.
  let projections: [Linear]
  /// What is added to each of them [stages, W], in the place of a position.
  let slots: Parameter
  let words: BERTEmbeddings

  init(
    _ network: any StagedEncoder, widths: [Int], _ words: BERTConfiguration, _ embeddings: BERTEmbeddings,
    _ builder: ParameterBuilder
  ) {
    (self.network, self.words) = (network, embeddings)
    projections = widths.reversed().enumerated().map { place, width in
      Linear(
        builder, "projections.\(place)", inputs: width, outputs: words.width, hasBias: false, activation: .relu,
        standardDeviation: 1 / Float(width).squareRoot())
    }
    slots = builder.parameter(
      "slots.weight", [widths.count, words.width], .normal(standardDeviation: BERTConfiguration.deviation))
  }

  /// Images that pass together where no gradient is wanted.
  private static let group = 2

  var width: Int { slots.shape[1] }
  /// → [B · stages, W]; all of an image's tokens stand for it.
  func callAsFunction(_ images: ImageInput, _ tokens: EncodedTokens, _ tape: Tape) -> Encoding {
    let (pixels, count) = (images.visiblePixels(in: network.places, tape.engine), projections.count)
    let made = tape.inGroups(of: Self.group, pixels) { means(of: $0, tape) }
    let offsets = (0...pixels.shape[0]).map { $0 * count }
    let rows = (0..<pixels.shape[0]).flatMap { _ in 0..<count }
    let placed = tape.add(made, tape.gatherRows(slots.tensor, rows))
    let types = tape.gatherRows(words.types.tensor, rows.map { _ in 0 })
    let all = Encoding(
      pooledOverAll: words.normalized(types, adding: placed, offsets: offsets, tape), offsets: offsets)
    return switch tokens {
    case .all: all
    case .pooled: Encoding(pooled: all.pooled(tape))
    }
  }

  /// pixels [B, 3, S, S] → [B · stages, W], an image's tokens side by side.
  private func means(of pixels: Tensor, _ tape: Tape) -> Tensor {
    let images = pixels.shape[0]
    let maps = Array(network.maps(of: pixels, tape).suffix(projections.count).reversed())
    guard !tape.keepsAttention else { return attended(zip(projections, maps).map { $0($1, tape) }, tape) }
    let stages = zip(projections, maps).map { projection, map in
      tape.block([map]) { inputs, tape in [tape.meanOverPlaces(projection(inputs[0], tape))] }[0]
    }
    let order = (0..<images).flatMap { image in stages.indices.map { $0 * images + image } }
    return tape.gatherRows(tape.concatenateRows(stages), order)
  }
}

// MARK: For explanations

extension StageTokens {
  private static let cells = TokenStream("cells")

  var placeTokens: TokenStream { Self.cells }

  /// The cells of the last map, once for each stage.
  func boxes(of images: ImageInput) -> [[Box]]? {
    guard let boxes = network.places?.boxes else { return nil }
    return (0..<images.count).map { _ in projections.flatMap { _ in boxes } }
  }

  /// The same means as an attention of an image's tokens: what lies in a cell of the last map is a token of each stage, the mean of the
  /// stage's places whose middle is in it, and counts as much as there are places in it.
  /// - Parameter maps: of one image, the deepest stage's first [1, H, W, C].
  private func attended(_ maps: [Tensor], _ tape: Tape) -> Tensor {
    precondition(maps[0].shape[0] == 1, "attention is kept of one image")
    let (rows, columns) = (maps[0].shape[1], maps[0].shape[2])
    let places = maps.map { map in placesOfCells(map.shape[1], map.shape[2], in: (rows, columns)) }
    let cells = zip(maps, places).map { map, places in
      tape.mixRows(
        map, places.map { places in RowMixture(places.map { (row: $0, weight: 1 / Float(places.count)) }) })
    }
    let means = places.enumerated().map { stage, places in
      let count = Float(places.reduce(0) { $0 + $1.count })
      return RowMixture(
        places.enumerated().map { (row: stage * rows * columns + $0, weight: Float($1.count) / count) })
    }
    return tape.mixRows(
      tape.concatenateRows(cells), means, tokens: (results: .image, rows: TokenStreams(Self.cells)))
  }

  /// Of each cell of a grid, row by row, the places of a finer map whose middle lies in it.
  private func placesOfCells(_ height: Int, _ width: Int, in grid: (rows: Int, columns: Int)) -> [[Int]] {
    var found = [[Int]](repeating: [], count: grid.rows * grid.columns)
    for row in 0..<height {
      for column in 0..<width {
        let cell =
          (2 * row + 1) * grid.rows / (2 * height) * grid.columns + (2 * column + 1) * grid.columns / (2 * width)
        found[cell].append(row * width + column)
      }
    }
    return found
  }
}
