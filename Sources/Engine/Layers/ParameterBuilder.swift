/// Hands out parameters by name and shape while a model is constructed. The order of the requests is the order of the
/// arena, of the checkpoint and of the all-reduce; the names are the checkpoint's keys. One path serves training from
/// scratch, loading and resuming.
///
///     let block = builder["text_model"]["encoder"]["layers.3"]
///     let weight = block.parameter("mlp.fc1.weight", [2048, 512], .normal(standardDeviation: 0.03))
public struct ParameterBuilder {
  final class Registry {
    var parameters: [Parameter] = []
    var names: Set<String> = []
    var linearLayers: [LinearLayer] = []
  }

  private let registry: Registry
  private let scope: String
  private let adaptation: LowRankAdaptation?

  /// - Parameter adaptation: which linear layers are made with a low-rank update; nil for none.
  public init(adapting adaptation: LowRankAdaptation? = nil) {
    self.init(registry: Registry(), scope: "", adaptation)
  }

  private init(registry: Registry, scope: String, _ adaptation: LowRankAdaptation?) {
    (self.registry, self.scope, self.adaptation) = (registry, scope, adaptation)
  }

  /// The builder for the names below `name`.
  public subscript(_ name: String) -> ParameterBuilder {
    ParameterBuilder(registry: registry, scope: scope + name + ".", adaptation)
  }

  /// A name below this builder's own as a number, for random numbers.
  func hashedName(_ name: String) -> UInt64 { hash(scope + name) }

  /// - Parameters:
  ///   - firstOfGrid: as in `ParameterSlice`.
  ///   - linesOfGrid: likewise.
  public func parameter(
    _ name: String, _ shape: [Int], _ initialization: Initialization, firstOfGrid: Int? = nil, linesOfGrid: Int? = nil
  ) -> Parameter {
    var slice = ParameterSlice(name: scope + name, shape: shape, initialization: initialization)
    (slice.firstOfGrid, slice.linesOfGrid) = (firstOfGrid, linesOfGrid)
    return add([slice], shape: shape)
  }

  /// An array that checkpoints hold and nothing learns: statistics.
  public func constant(_ name: String, _ shape: [Int], _ value: Float) -> Parameter {
    add(
      [ParameterSlice(name: scope + name, shape: shape, initialization: .constant(value))], shape: shape,
      isConstant: true)
  }

  /// Several arrays of one shape that are stored end to end and computed as one, for example the weights of queries,
  /// keys and values: three keys in the checkpoint, one matrix product.
  public func stacked(_ names: [String], _ shape: [Int], _ initialization: Initialization) -> Parameter {
    let slices = names.map { ParameterSlice(name: scope + $0, shape: shape, initialization: initialization) }
    return add(slices, shape: [names.count * shape[0]] + shape.dropFirst())
  }

  /// The weights of linear layers that are computed as one [O × number of names, I], and the updates of those that are to
  /// have one: A is drawn as PEFT draws it, B is zero, so that the model begins as it was.
  func linearWeight(
    _ names: [String], inputs: Int, outputs: Int, _ initialization: Initialization
  ) -> Parameter {
    let weight = stacked(names.map { $0 + ".weight" }, [outputs, inputs], initialization)
    for (place, name) in names.enumerated() {
      let layer = LinearLayer(name: scope + name, inputs: inputs, outputs: outputs)
      registry.linearLayers.append(layer)
      guard let adaptation, adaptation.isTarget(layer) else { continue }
      weight.updates.append(
        LowRankParameters(
          a: parameter(
            name + LowRankParameters.suffixes.a, [adaptation.rank, inputs],
            .uniform(bound: 1 / Float(inputs).squareRoot())),
          b: parameter(name + LowRankParameters.suffixes.b, [outputs, adaptation.rank], .constant(0)),
          scale: adaptation.scale, firstRow: place * outputs))
    }
    return weight
  }

  /// All parameters so far, in construction order.
  public var parameters: [Parameter] { registry.parameters }

  /// Numbers of the weights that have updates, and that a step makes once more with them.
  public var adaptedCount: Int { parameters.reduce(0) { $0 + ($1.updates.isEmpty ? 0 : $1.count) } }

  /// All linear layers so far, in construction order: what an adaptation can name.
  public var linearLayers: [LinearLayer] { registry.linearLayers }

  private func add(_ slices: [ParameterSlice], shape: [Int], isConstant: Bool = false) -> Parameter {
    for slice in slices {
      precondition(registry.names.insert(slice.name).inserted, "two parameters are called \(slice.name)")
    }
    let parameter = Parameter(slices: slices, shape: shape, isConstant: isConstant)
    registry.parameters.append(parameter)
    return parameter
  }
}
