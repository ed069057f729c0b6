internal import CKernels
internal import Glibc

/// The instruction sets that the kernels are built for.
public enum KernelLevel: String, CaseIterable, Sendable {
  case baseline, avx2, avx512

  var code: mmk_level {
    switch self {
    case .baseline: MMK_BASELINE
    case .avx2: MMK_AVX2
    case .avx512: MMK_AVX512
    }
  }

  public var isSupported: Bool { mmk_kernels_at(code) != nil }

  /// The best one here, or the one that `MMTRAIN_KERNELS` names, to compute as on a processor that has no better.
  public static var best: KernelLevel {
    let forced = forcedName.flatMap { KernelLevel(rawValue: $0) }
    if let forced, forced.isSupported { return forced }
    return allCases.last(where: \.isSupported) ?? .baseline
  }

  /// What `MMTRAIN_KERNELS` says; nil where it is not set. The program refuses what is no level of this processor before it
  /// makes an engine.
  public static var forcedName: String? { getenv("MMTRAIN_KERNELS").map { String(cString: $0) } }
}
