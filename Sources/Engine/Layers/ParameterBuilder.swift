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
  }

  private let registry: Registry
  private let scope: String

  public init() { self.init(registry: Registry(), scope: "") }

  private init(registry: Registry, scope: String) { (self.registry, self.scope) = (registry, scope) }

  /// The builder for the names below `name`.
  public subscript(_ name: String) -> ParameterBuilder {
    ParameterBuilder(registry: registry, scope: scope + name + ".")
  }

  public func parameter(_ name: String, _ shape: [Int], _ initialization: Initialization) -> Parameter {
    add([ParameterSlice(name: scope + name, shape: shape, initialization: initialization)], shape: shape)
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

  /// All parameters so far, in construction order.
  public var parameters: [Parameter] { registry.parameters }

  private func add(_ slices: [ParameterSlice], shape: [Int], isConstant: Bool = false) -> Parameter {
    for slice in slices {
      precondition(registry.names.insert(slice.name).inserted, "two parameters are called \(slice.name)")
    }
    let parameter = Parameter(slices: slices, shape: shape, isConstant: isConstant)
    registry.parameters.append(parameter)
    return parameter
  }
}
