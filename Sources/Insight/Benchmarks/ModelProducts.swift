public import Models
public import TensorEngine

/// One of a model's matrix products, by the layer that computes it.
public struct NamedProduct: Sendable {
  public let name: String
  public let shape: ProductShape
}

/// The products of each linear layer of the towers that are transformers, in a training step of `batch` pairs with captions of
/// `captionTokens` tokens: forward (y = x Wᵀ), the input's gradient (dx = dy W) and the weight's (dW = dyᵀ x).
public func products(of model: any ModelDescription, batch: Int, captionTokens: Int) -> [NamedProduct] {
  model.blocks.filter { !$0.isJoin }.flatMap { group in
    let tokens = group.modality == .text ? captionTokens : group.tokens
    return linearLayers(group.name, width: group.width, intermediate: group.intermediate)
      .flatMap { products($0, rows: batch * tokens) }
  }
}

private typealias Layer = (name: String, inputs: Int, outputs: Int)

private func linearLayers(_ tower: String, width: Int, intermediate: Int) -> [Layer] {
  [
    (tower + " qkv", width, 3 * width), (tower + " out", width, width), (tower + " fc1", width, intermediate),
    (tower + " fc2", intermediate, width),
  ]
}

private func products(_ layer: Layer, rows: Int) -> [NamedProduct] {
  let (inputs, outputs) = (layer.inputs, layer.outputs)
  return [
    NamedProduct(
      name: layer.name, shape: ProductShape(rows: rows, columns: outputs, depth: inputs, transposedB: true)),
    NamedProduct(name: layer.name + " dx", shape: ProductShape(rows: rows, columns: inputs, depth: outputs)),
    NamedProduct(
      name: layer.name + " dW", shape: ProductShape(rows: outputs, columns: inputs, depth: rows, transposedA: true)),
  ]
}
