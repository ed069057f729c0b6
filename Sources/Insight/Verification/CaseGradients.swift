internal import Layers
internal import Pretrained

/// The gradients of a model under the names of its parameters, in the layout of weights that the names of a case file are of.
struct CaseGradients {
  /// By their names without `gradient.`, in the order of the arena.
  private(set) var names: [String] = []
  private var pieces: [String: [(slice: ParameterSlice, source: WeightSource)]] = [:]
  private let arena: ParameterArena

  init(_ arena: ParameterArena, namedAs given: [String]) {
    self.arena = arena
    let (layout, given) = (WeightLayout(keys: given), Set(given))
    for slice in arena.trainedSlices {
      let source = given.contains(slice.name) ? WeightSource(key: slice.name) : layout.source(of: slice.name)
      if pieces[source.key] == nil { names.append(source.key) }
      pieces[source.key, default: []].append((slice, source))
    }
  }

  /// Nil for a name that is no parameter's.
  subscript(_ name: String) -> (shape: [Int], values: [Float])? {
    guard let pieces = pieces[name], let (slice, source) = pieces.first else { return nil }
    if source.isTransposed { return (slice.shape.reversed(), transposed(slice)) }
    guard let part = source.part else { return (slice.shape, Array(arena.gradients(of: slice))) }
    let ordered = pieces.sorted { ($0.source.part?.index ?? 0) < ($1.source.part?.index ?? 0) }
    return (
      [slice.shape[0] * part.count] + slice.shape.dropFirst(), ordered.flatMap { Array(arena.gradients(of: $0.slice)) }
    )
  }

  private func transposed(_ slice: ParameterSlice) -> [Float] {
    let (values, rows, columns) = (arena.gradients(of: slice), slice.shape[0], slice.shape[1])
    return (0..<columns).flatMap { column in (0..<rows).map { row in values[row * columns + column] } }
  }
}
