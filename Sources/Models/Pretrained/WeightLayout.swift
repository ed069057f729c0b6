internal import Checkpoints
internal import Models

/// Where in a file a parameter's numbers are.
public struct WeightSource: Equatable, Sendable {
  public var key: String
  /// Which of so many equal parts of the tensor's rows, where several parameters lie in one tensor.
  public var part: (index: Int, count: Int)?
  /// Of a table of which the first rows alone are taken, how many the file has.
  var rows: Int?
  /// Whether the file holds the transpose.
  public var isTransposed = false
  /// How many channels the file's kernels read, where they are summed so that they read one.
  var channels: Int?
  /// Whether such files have no such array, and another one stands for it.
  var isReplacement = false
  /// How the file's positions come to be as many as the parameter has, where they are not.
  public var interpolation: PositionInterpolation?

  public init(key: String, part: (index: Int, count: Int)? = nil, isTransposed: Bool = false) {
    (self.key, self.part, self.isTransposed) = (key, part, isTransposed)
  }

  public static func == (a: WeightSource, b: WeightSource) -> Bool {
    a.key == b.key && a.part?.index == b.part?.index && a.part?.count == b.part?.count
      && a.rows == b.rows && a.channels == b.channels && a.isTransposed == b.isTransposed
      && a.isReplacement == b.isReplacement && a.interpolation == b.interpolation
  }

  /// The shape of the tensor in the file.
  /// - Parameter shape: the parameter's.
  func shape(for shape: [Int]) -> [Int] {
    if isTransposed { return shape.reversed() }
    guard let part, let rows = shape.first else { return shape }
    return [rows * part.count] + shape.dropFirst()
  }

  /// For the loading report.
  func change(for shape: [Int]) -> String? {
    if isTransposed { return LoadingReport.transposed }
    if isReplacement { return "begun as \(key), as such files have none" }
    if let interpolation { return "interpolated, \(interpolation)" }
    if let channels { return "summed over \(channels) channels" }
    if let rows, let taken = shape.first { return "the first \(taken) of \(rows) rows" }
    guard let part, let rows = shape.first else { return nil }
    return "rows \(part.index * rows) ..< \((part.index + 1) * rows) of \(part.count * rows)"
  }
}

/// The ways in which published files name and arrange the weights of one model. Parameters have Hugging Face's names.
public enum WeightLayout: Equatable, Sendable {
  /// The parameters as they are: Hugging Face's `CLIPModel`, and mmtrain's own models.
  case huggingFace
  /// OpenAI's and open_clip's: queries, keys and values in one tensor, projections transposed. The text tower's names
  /// begin with `text.` in open_clip's `CustomTextCLIP` and with nothing in `CLIP`.
  case openCLIP(textPrefix: String)

  /// The layout of a file with these keys.
  public init(keys: some Sequence<String>) {
    var isOpenCLIP = false
    var textPrefix = ""
    for key in keys {
      if key.hasPrefix("visual.") { isOpenCLIP = true }
      if key.hasPrefix("text.") { textPrefix = "text." }
    }
    self = isOpenCLIP ? .openCLIP(textPrefix: textPrefix) : .huggingFace
  }

  /// Where the numbers of a parameter are.
  public func source(of parameter: String) -> WeightSource {
    guard case .openCLIP(let textPrefix) = self else { return WeightSource(key: parameter) }
    return openCLIPSource(of: parameter, textPrefix: textPrefix)
  }

  /// Further keys of a parameter, where the file has it under none of its own.
  func otherKeys(of parameter: String) -> [String] {
    self == .huggingFace ? ModelCatalogue.otherKeys(of: parameter) : []
  }

  /// Whether a key that no parameter asks for is known to be of no use: position numbers, masks, sizes and counters
  /// that old files hold beside the weights, and what a task had put on the model, where nobody asks for the task.
  public func ignores(_ key: String) -> Bool {
    ["position_ids", "attn_mask", "num_batches_tracked"].contains { key == $0 || key.hasSuffix("." + $0) }
      || key.hasPrefix(taskHeadPrefix + ".")
      || self == .huggingFace && ModelCatalogue.isDead(key)
      || self != .huggingFace && ["input_resolution", "context_length", "vocab_size"].contains(key)
  }
}

// MARK: open_clip's names

private func openCLIPSource(of parameter: String, textPrefix: String) -> WeightSource {
  switch parameter {
  case "visual_projection.weight": return WeightSource(key: "visual.proj", isTransposed: true)
  case "text_projection.weight": return WeightSource(key: textPrefix + "text_projection", isTransposed: true)
  default: break
  }
  for (tower, prefix) in [("vision_model.", "visual."), ("text_model.", textPrefix)] where parameter.hasPrefix(tower) {
    return towerSource(parameter.dropFirst(tower.count), prefix)
  }
  return WeightSource(key: parameter)  // logit_scale, and towers that have published names already
}

private func towerSource(_ name: Substring, _ prefix: String) -> WeightSource {
  for (ours, theirs) in outerNames where name.hasPrefix(ours) {
    return WeightSource(key: prefix + theirs + name.dropFirst(ours.count))
  }
  let layers = "encoder.layers."
  guard name.hasPrefix(layers) else { return WeightSource(key: prefix + name) }
  let rest = name.dropFirst(layers.count)
  let index = rest.prefix { $0 != "." }
  let block = prefix + "transformer.resblocks." + index + "."
  let inner = rest.dropFirst(index.count + 1)
  for (place, projection) in ["q_proj", "k_proj", "v_proj"].enumerated() {
    let ours = "self_attn." + projection + "."
    if inner.hasPrefix(ours) {
      return WeightSource(key: block + "attn.in_proj_" + inner.dropFirst(ours.count), part: (place, 3))
    }
  }
  for (ours, theirs) in blockNames where inner.hasPrefix(ours) {
    return WeightSource(key: block + theirs + inner.dropFirst(ours.count))
  }
  return WeightSource(key: block + inner)
}

/// Beginnings of names within a tower, Hugging Face's and open_clip's.
private let outerNames = [
  ("embeddings.class_embedding", "class_embedding"), ("embeddings.patch_embedding.", "conv1."),
  ("embeddings.token_embedding.", "token_embedding."), ("embeddings.position_embedding.weight", "positional_embedding"),
  ("pre_layrnorm.", "ln_pre."), ("post_layernorm.", "ln_post."), ("final_layer_norm.", "ln_final."),
]

/// The same within a block.
private let blockNames = [
  ("layer_norm1.", "ln_1."), ("layer_norm2.", "ln_2."), ("self_attn.out_proj.", "attn.out_proj."),
  ("mlp.fc1.", "mlp.c_fc."), ("mlp.fc2.", "mlp.c_proj."),
]
