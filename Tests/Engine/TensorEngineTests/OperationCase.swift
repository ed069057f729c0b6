import TensorEngine
import TestSupport
import Testing

/// One operation with its inputs, and what PyTorch says of it. The same case serves the comparison with the golden
/// file, the finite differences and every kernel level.
struct OperationCase: CustomTestStringConvertible, Sendable {
  let name: String
  /// Below Tests/Golden.
  var file = "operations.safetensors"
  /// Names of the differentiable inputs in the golden file, in the order `apply` takes them.
  let inputs: [String]
  /// Names of the outputs whose gradients are given as `d` + name; ["loss"] for a scalar.
  var outputs = ["y"]
  /// Relative to the largest element.
  var tolerance: Float = 2e-6
  /// Half the step of the finite differences, and whether it is a share of each element: for rows of very different
  /// lengths.
  var step: Float = 1e-2
  var stepIsRelative = false
  /// Whether norms are by the batch's statistics.
  var usesBatch = false
  let apply: @Sendable (Tape, [Tensor], GoldenCase) throws -> [Tensor]

  var testDescription: String { name }

  var golden: GoldenCase { get throws { GoldenCase(file: try GoldenFile(file), name: name) } }
}

/// The arrays of one case.
struct GoldenCase {
  let file: GoldenFile
  let name: String

  func floats(_ key: String) throws -> [Float] { try file.floats("\(name)/\(key)") }
  func integers(_ key: String) throws -> [Int] { try file.integers("\(name)/\(key)") }
  func scalar(_ key: String) throws -> Float { try floats(key)[0] }
  func shape(_ key: String) throws -> [Int] { try file.array("\(name)/\(key)").shape }
  func tensor(_ key: String, _ engine: Engine, requiresGradient: Bool = true) throws -> Tensor {
    engine.tensor(try floats(key), shape: try shape(key), requiresGradient: requiresGradient)
  }
}

private func linear(_ name: String, _ activation: Activation) -> OperationCase {
  // A long step would carry elements across the kink of ReLU.
  OperationCase(name: name, inputs: ["x", "weight", "bias"], step: activation == .relu ? 1e-3 : 1e-2) {
    tape, inputs, _ in
    [tape.linear(inputs[0], weight: inputs[1], bias: inputs[2], activation: activation)]
  }
}

private func perceptron(_ name: String, _ activation: Activation) -> OperationCase {
  OperationCase(name: name, inputs: ["x", "weight1", "bias1", "weight2", "bias2"]) { tape, inputs, _ in
    [
      tape.perceptron(
        inputs[0], hidden: (inputs[1], inputs[2]), output: (inputs[3], inputs[4]), activation: activation)
    ]
  }
}

private func layerNorm(_ width: Int) -> [OperationCase] {
  [
    OperationCase(name: "layer_norm_\(width)", inputs: ["x", "weight", "bias"]) { tape, inputs, golden in
      [tape.layerNorm(inputs[0], weight: inputs[1], bias: inputs[2], epsilon: try golden.scalar("eps"))]
    },
    OperationCase(
      name: "layer_norm_residual_\(width)", inputs: ["x", "r", "weight", "bias"], outputs: ["sum", "y"]
    ) { tape, inputs, golden in
      let (sum, y) = tape.layerNorm(
        inputs[0], residual: inputs[1], weight: inputs[2], bias: inputs[3], epsilon: try golden.scalar("eps"))
      return [sum, y]
    },
  ]
}

private func attention(_ kind: String, _ headWidth: Int) -> OperationCase {
  OperationCase(name: "attention_\(kind)_\(headWidth)", inputs: ["q", "k", "v"]) { tape, inputs, golden in
    let queryOffsets = try golden.integers("query_offsets")
    let keyOffsets = try golden.integers("key_offsets")
    let segments = AttentionSegments(
      queryOffsets: queryOffsets, keyOffsets: keyOffsets,
      keySegments: kind == "shared" ? try golden.integers("key_segment") : nil, isCausal: kind == "causal")
    let heads = try golden.integers("heads")[0]
    if kind == "self" || kind == "causal" {
      let joined = tape.concatenateColumns(tape.concatenateColumns(inputs[0], inputs[1]), inputs[2])
      return [tape.attention(queryKeyValue: joined, heads: heads, segments: segments)]
    }
    let keyValue = tape.concatenateColumns(inputs[1], inputs[2])
    return [tape.attention(query: inputs[0], keyValue: keyValue, heads: heads, segments: segments)]
  }
}

let operationCases: [OperationCase] =
  [
    linear("linear_none", .none), linear("linear_gelu_tanh", .geluTanh), linear("linear_gelu_erf", .geluErf),
    linear("linear_quick_gelu", .quickGELU), linear("linear_relu", .relu), linear("linear_aligned", .quickGELU),
    OperationCase(name: "linear_no_bias", inputs: ["x", "weight"]) { tape, inputs, _ in
      [tape.linear(inputs[0], weight: inputs[1])]
    },
    perceptron("perceptron_gelu_erf", .geluErf), perceptron("perceptron_quick_gelu", .quickGELU),
  ] + [19, 64, 300].flatMap(layerNorm)
  + ["self", "causal", "cross", "shared"].flatMap { kind in [8, 64].map { attention(kind, $0) } }
  + ["self", "causal"].map { attention($0, 16) }
  + [
    OperationCase(name: "token_embedding", inputs: ["table", "position"]) { tape, inputs, golden in
      [
        tape.tokenEmbedding(
          ids: try golden.integers("ids").map(Int32.init), offsets: try golden.integers("offsets"), table: inputs[0],
          position: inputs[1])
      ]
    },
    OperationCase(name: "patch_embedding", inputs: ["weight", "class_embedding", "position"]) { tape, inputs, golden in
      [
        tape.patchEmbedding(
          pixels: try golden.tensor("images", tape.engine, requiresGradient: false), weight: inputs[0],
          classEmbedding: inputs[1], position: inputs[2])
      ]
    },
    OperationCase(name: "gather_rows", inputs: ["x"]) { tape, inputs, golden in
      [tape.gatherRows(inputs[0], try golden.integers("indices"))]
    },
    OperationCase(name: "mean_pool", inputs: ["x"]) { tape, inputs, golden in
      [tape.meanPool(inputs[0], offsets: try golden.integers("offsets"))]
    },
    OperationCase(name: "concatenate_columns", inputs: ["a", "b"]) { tape, inputs, _ in
      [tape.concatenateColumns(inputs[0], inputs[1])]
    },
    OperationCase(name: "scale", inputs: ["x"]) { tape, inputs, golden in
      [tape.scale(inputs[0], by: try golden.scalar("factor"))]
    },
    OperationCase(name: "add", inputs: ["a", "b"]) { tape, inputs, _ in [tape.add(inputs[0], inputs[1])] },
    OperationCase(name: "normalize", inputs: ["x"], stepIsRelative: true) { tape, inputs, golden in
      [tape.normalize(inputs[0], epsilon: try golden.scalar("eps"))]
    },
    // Logits of about 300: their log-sum-exp has an ulp of 3e-5, and so has every probability of the row.
    OperationCase(name: "cross_entropy", inputs: ["logits"], outputs: ["loss"], tolerance: 2e-5) {
      tape, inputs, golden in
      [
        tape.crossEntropy(
          inputs[0], targets: try golden.integers("targets").map(Int32.init), count: try golden.integers("count")[0])
      ]
    },
  ]
  + ["contrastive", "contrastive_sharp"].map { name in
    OperationCase(
      name: name, inputs: ["image", "text", "logit_scale"], outputs: ["loss"],
      tolerance: name == "contrastive_sharp" ? 2e-5 : 2e-6
    ) { tape, inputs, _ in
      [
        tape.contrastiveLoss(
          image: inputs[0], text: inputs[1], allImages: inputs[0], allTexts: inputs[1], logitScale: inputs[2], first: 0)
      ]
    }
  }
  + [("cosine_margin", Float(0.2)), ("cosine_margin/unclamped", -1)].map { name, margin in
    OperationCase(
      name: name, file: "cosine-margin.safetensors", inputs: ["image", "text"], outputs: ["loss"], step: 1e-3
    ) { tape, inputs, golden in
      let photos = try golden.integers("photos")
      let texts = photos.map { photo in photos.indices.filter { photos[$0] == photo } }
      let related = texts.reduce(0) { $0 + $1.count }
      let relations = PairRelations(
        texts: texts, relatedCount: related, unrelatedCount: photos.count * photos.count - related)
      return [tape.cosineMarginLoss(image: inputs[0], allTexts: inputs[1], relations, margin: margin)]
    }
  }
  + [
    ("squared_error", 2e-6), ("binary_cross_entropy", 2e-6),
    // Logits of about 300, as in cross_entropy.
    ("divergence", 2e-5),
  ].map { (name: String, tolerance: Float) in
    OperationCase(
      name: name, file: "targets.safetensors", inputs: ["x"], outputs: ["loss"], tolerance: tolerance
    ) { tape, inputs, golden in
      let targets = try golden.tensor("targets", tape.engine, requiresGradient: false)
      let count = try golden.integers("count")[0]
      switch name {
      case "squared_error": return [tape.squaredError(inputs[0], targets: targets, count: count)]
      case "binary_cross_entropy": return [tape.binaryCrossEntropy(inputs[0], targets: targets, count: count)]
      default: return [tape.divergence(inputs[0], targets: targets, count: count)]
      }
    }
  }
  + ["weighted_cross_entropy", "weighted_binary_cross_entropy"].map { name in
    OperationCase(name: name, file: "targets.safetensors", inputs: ["x"], outputs: ["loss"]) { tape, inputs, golden in
      let targets = try golden.tensor("targets", tape.engine, requiresGradient: false)
      guard name == "weighted_binary_cross_entropy" else {
        return [tape.crossEntropy(inputs[0], targets: targets, divisor: Double(try golden.scalar("divisor")))]
      }
      return [
        tape.binaryCrossEntropy(
          inputs[0], targets: targets, positiveWeights: try golden.floats("positive"), divisor: Double(targets.count))
      ]
    }
  }
  + [
    // Logits of about 300, as in cross_entropy.
    OperationCase(
      name: "smoothed_cross_entropy", file: "targets.safetensors", inputs: ["x"], outputs: ["loss"], tolerance: 2e-5
    ) { tape, inputs, golden in
      [
        tape.crossEntropy(
          inputs[0], targets: try golden.integers("targets").map(Int32.init), count: try golden.integers("count")[0],
          smoothing: try golden.scalar("smoothing"))
      ]
    }
  ]
  + ["sigmoid", "sigmoid_sharp"].map { name in
    // At a temperature of 1/100 a slope is as far out as the logit it is taken at: 100 times an ulp.
    OperationCase(
      name: name, file: "finetuning.safetensors", inputs: ["image", "text", "logit_scale", "logit_bias"],
      outputs: ["loss"], tolerance: name == "sigmoid_sharp" ? 2e-5 : 2e-6,
      step: name == "sigmoid_sharp" ? 1e-3 : 1e-2
    ) { tape, inputs, _ in
      [
        tape.sigmoidLoss(
          image: inputs[0], allTexts: inputs[1], logitScale: inputs[2], logitBias: inputs[3], first: 0)
      ]
    }
  }
