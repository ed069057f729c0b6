internal import Checkpoints
internal import Layers

extension WeightLayout {
  /// The arena's weights as the tensors of this layout, in the model's order. They are views of the arena where their
  /// numbers lie there as the layout has them, and copies where not.
  func tensors(of arena: ParameterArena) -> [NamedTensor] {
    var tensors: [NamedTensor] = []
    let slices = arena.slices
    var index = 0
    while index < slices.count {
      let slice = slices[index]
      let source = source(of: slice.name)
      let count = source.part?.count ?? 1
      tensors.append(tensor(source, Array(slices[index..<index + count]), arena))
      index += count
    }
    return tensors
  }

  /// - Parameter slices: the parameters that lie in the tensor, in the order of their parts: as in the arena, where they
  ///   stand end to end.
  private func tensor(_ source: WeightSource, _ slices: [ParameterSlice], _ arena: ParameterArena) -> NamedTensor {
    let first = slices[0]
    let shape = source.shape(for: first.shape)
    precondition(
      slices.allSatisfy { self.source(of: $0.name).key == source.key }, "\(source.key): not all of these are its parts")
    if source.isTransposed {
      let (rows, columns) = (first.shape[0], first.shape[1])
      let values = arena.weights(of: first)
      let transposed = (0..<rows * columns).map { values[$0 % rows * columns + $0 / rows] }
      return NamedTensor(name: source.key, elementType: .float32, shape: shape, copying: transposed)
    }
    return NamedTensor(name: source.key, shape: shape, floats: UnsafeBufferPointer(arena.weights(of: slices)))
  }
}
