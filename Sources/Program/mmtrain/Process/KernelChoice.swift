internal import Reporting
internal import TensorEngine

/// Throws where `MMTRAIN_KERNELS` names no level that this processor has.
func requireKnownKernels() throws {
  guard let name = KernelLevel.forcedName else { return }
  guard let level = KernelLevel(rawValue: name) else { throw KernelChoiceError.unknown(name: name) }
  guard level.isSupported else { throw KernelChoiceError.unsupported(level: level) }
}

/// Why the kernels that were asked for cannot be had.
enum KernelChoiceError: ReportableError {
  case unknown(name: String)
  case unsupported(level: KernelLevel)

  var description: String {
    let levels = KernelLevel.allCases.filter(\.isSupported).map(\.rawValue).joined(separator: ", ")
    return switch self {
    case .unknown(let name):
      "MMTRAIN_KERNELS=\(printable(name)): this processor has \(levels); unset it for the best one"
    case .unsupported(let level):
      "MMTRAIN_KERNELS=\(level.rawValue): this processor has only \(levels); unset it for the best one"
    }
  }

  var exitCode: ExitCode { .configuration }
}
