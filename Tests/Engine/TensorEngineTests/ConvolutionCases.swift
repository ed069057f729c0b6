import TensorEngine
import TestSupport

private func depthwise(_ name: String, hasBias: Bool = true) -> OperationCase {
  OperationCase(
    name: name, file: convolutionFile, inputs: hasBias ? ["x", "weight", "bias"] : ["x", "weight"], tolerance: 4e-6
  ) { tape, inputs, golden in
    [
      tape.depthwiseConvolution(
        inputs[0], weight: inputs[1], bias: hasBias ? inputs[2] : nil, stride: try golden.integers("stride")[0],
        padding: .even(inputs[1].shape[3] / 2))
    ]
  }
}

private func dense(_ name: String, _ layout: ImageLayout) -> OperationCase {
  OperationCase(name: name, file: convolutionFile, inputs: ["x", "weight", "bias"]) { tape, inputs, golden in
    [
      tape.convolution(
        inputs[0], weight: inputs[1], bias: inputs[2], stride: try golden.integers("stride")[0],
        padding: .even(inputs[1].shape[3] / 2), layout: layout)
    ]
  }
}

/// With TensorFlow's padding.
private func same(_ name: String, isDepthwise: Bool = false) -> OperationCase {
  OperationCase(name: name, file: convolutionFile, inputs: ["x", "weight"]) { tape, inputs, golden in
    let stride = try golden.integers("stride")[0]
    return isDepthwise
      ? [tape.depthwiseConvolution(inputs[0], weight: inputs[1], stride: stride, padding: .same)]
      : [tape.convolution(inputs[0], weight: inputs[1], stride: stride, padding: .same)]
  }
}

/// A long step would carry another number to the top.
private func maxPool(_ name: String) -> OperationCase {
  OperationCase(name: name, file: convolutionFile, inputs: ["x"], step: 1e-3) { tape, inputs, golden in
    let kernel = try golden.integers("kernel")[0]
    return [
      tape.maxPool(inputs[0], kernel: kernel, stride: try golden.integers("stride")[0], padding: .even(kernel / 2))
    ]
  }
}

/// - Parameter isBatch: the norm is by the batch's statistics.
private func batchNorm(_ name: String, isBatch: Bool) -> OperationCase {
  OperationCase(
    name: name, file: convolutionFile, inputs: ["x", "weight", "bias"], tolerance: 1e-5,
    usesBatch: isBatch
  ) { tape, inputs, golden in
    let mean = try golden.tensor("mean", tape.engine, requiresGradient: false)
    let variance = try golden.tensor("variance", tape.engine, requiresGradient: false)
    return [
      tape.batchNorm(
        inputs[0], weight: inputs[1], bias: inputs[2], mean: mean, variance: variance,
        epsilon: try golden.scalar("eps"))
    ]
  }
}

private func simple(
  _ name: String, _ inputs: [String], _ apply: @escaping @Sendable (Tape, [Tensor]) -> Tensor
) -> OperationCase {
  OperationCase(name: name, file: convolutionFile, inputs: inputs) { tape, inputs, _ in [apply(tape, inputs)] }
}

let convolutionFile = "convolutions.safetensors"

/// The operations on images [B, H, W, C].
let convolutionCases: [OperationCase] =
  ["3", "5", "7", "7_small", "7_long", "3_stride", "7_stride", "1_stride"].map { depthwise("depthwise_\($0)") } + [
    depthwise("depthwise_5_stride_3", hasBias: false),
    dense("convolution_first", .channelsFirst), dense("convolution_last", .channelsLast),
    dense("convolution_point", .channelsLast), dense("convolution_3_stride", .channelsLast),
    dense("convolution_7_stride", .channelsFirst), dense("convolution_1_stride", .channelsLast),
    same("same_even"), same("same_odd"), same("same_depthwise_even", isDepthwise: true),
    same("same_depthwise_odd", isDepthwise: true), maxPool("max_pool_3"), maxPool("max_pool_2"),
    batchNorm("batch_norm_kept", isBatch: false), batchNorm("batch_norm_batch", isBatch: true),
    batchNorm("batch_norm_blocks", isBatch: true),
    simple("scale_channels", ["x", "factor", "residual"]) { $0.scaleChannels($1[0], by: $1[1], adding: $1[2]) },
    simple("gate", ["x", "gate"]) { $0.scaleChannels($1[0], by: $1[1]) },
    simple("repeat_channels", ["x"]) { $0.repeatChannels($1[0], times: 3) },
    simple("activate", ["x"]) { $0.activate($1[0], .geluErf) },
    OperationCase(name: "relu6", file: convolutionFile, inputs: ["x"], step: 1e-3) { tape, inputs, _ in
      [tape.activate(inputs[0], .relu6)]
    },
    simple("linear_sigmoid", ["x", "weight", "bias"]) {
      $0.linear($1[0], weight: $1[1], bias: $1[2], activation: .sigmoid)
    },
    simple("project", ["x", "matrix"]) { $0.project($1[0], by: $1[1]) },
  ]
