public import Reporting
internal import TensorEngine

/// One comparison of this machine's results with those of other programs.
public struct VerificationCheck: Sendable {
  /// What is compared, such as `block, bf16, avx512`.
  public let name: String
  /// The largest difference found; infinite where there was no result at all.
  public let difference: Double
  /// The largest difference that is right.
  public let limit: Double
  /// What the difference is counted in.
  public let unit: String

  public var isRight: Bool { difference <= limit }
}

/// Compares tokenizer, photos and a transformer block with what Python's `tokenizers`, Pillow and PyTorch made, at every
/// kernel level and precision that this processor has. It takes a moment, and no files.
public func verify(_ goldens: VerificationGoldens = .embedded) -> [VerificationCheck] {
  let levels = KernelLevel.allCases.filter(\.isSupported)
  var checks = [tokenizerCheck(goldens)] + resizeChecks(goldens) + [jpegCheck(goldens)]
  checks += levels.map { blockCheck(goldens, level: $0, precision: .fp32) }
  if Precision.bf16.isSupported { checks.append(blockCheck(goldens, level: .best, precision: .bf16)) }
  return checks
}

/// Results of this machine are wrong.
public struct VerificationError: ReportableError {
  /// The names of the checks that failed.
  public let failed: [String]

  public init(failed: [String]) { self.failed = failed }

  public var description: String {
    "this build gives wrong results on this machine (\(failed.joined(separator: "; "))): do not train with it. Unset "
      + "MMTRAIN_KEEP_BLAS_CORE and LD_LIBRARY_PATH, install the packages of docs/dependencies.md and build again; if it "
      + "stays, report it with the output of 'mmtrain verify --json' and 'mmtrain doctor --json'"
  }

  public var exitCode: ExitCode { .internalError }
}
