internal import Configuration
internal import TensorEngine

extension RunConfiguration.Precision {
  /// What this processor computes with where the configuration says this.
  /// - Parameter warn: is told where that is not what was asked for, or is slow.
  func onThisProcessor(warn: (String) -> Void) -> TensorEngine.Precision {
    switch self {
    case .auto: return .best
    case .fp32: return .fp32
    case .bf16 where !TensorEngine.Precision.bf16.isSupported:
      warn("precision: this processor has no AVX-512, so bf16 is not to be had: computing in fp32")
      return .fp32
    case .bf16:
      if TensorEngine.Precision.best != .bf16 {
        warn("precision: this processor has no bfloat16 instructions (avx512_bf16): fp32 will be faster than bf16")
      }
      return .bf16
    }
  }
}
