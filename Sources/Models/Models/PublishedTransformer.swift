internal import Settings
internal import TensorEngine

/// The sizes of a transformer that configurations of transformers' state under the same names, whatever it reads. Source:
/// transformers 5.24, `models/{bert,vit,clip}/configuration_*.py`.
protocol PublishedTransformer {
  var width: Int { get set }
  var intermediate: Int { get set }
  var layerCount: Int { get set }
  var heads: Int { get set }
  var activation: Activation { get set }
  var epsilon: Float { get set }
}

private enum Key: String, CodingKey, CaseIterable {
  case width = "hidden_size"
  case intermediate = "intermediate_size"
  case layers = "num_hidden_layers"
  case heads = "num_attention_heads"
  case activation = "hidden_act"
  case epsilon = "layer_norm_eps"
}

/// Their names.
let transformerKeys = Key.allCases.map(\.rawValue)

extension PublishedTransformer {
  /// What a file leaves out stays as it is.
  mutating func readTransformer(_ file: Settings) throws(SettingsError) {
    func whole(_ key: Key) throws(SettingsError) -> Int? { try file.whole(key.rawValue) }
    width = try whole(.width) ?? width
    intermediate = try whole(.intermediate) ?? intermediate
    layerCount = try whole(.layers) ?? layerCount
    heads = try whole(.heads) ?? heads
    activation = try Activation(file, Key.activation.rawValue) ?? activation
    epsilon = try file.number(Key.epsilon.rawValue).map(Float.init) ?? epsilon
  }

  /// Beside what else a description writes into the same object.
  func encodeTransformer(to encoder: any Encoder) throws {
    var keys = encoder.container(keyedBy: Key.self)
    try keys.encode(width, forKey: .width)
    try keys.encode(intermediate, forKey: .intermediate)
    try keys.encode(layerCount, forKey: .layers)
    try keys.encode(heads, forKey: .heads)
    try keys.encode(activation, forKey: .activation)
    try keys.encode(epsilon, forKey: .epsilon)
  }
}
