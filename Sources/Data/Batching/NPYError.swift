public import Reporting

/// Why a NumPy file is refused. `place` is the file, and in an `.npz` the array.
public enum NPYError: ReportableError, Equatable {
  /// Not what the format asks for, or bytes are missing.
  case malformed(place: String, reason: String)
  /// Python objects: loading them runs code that the file contains.
  case pickle(place: String)
  /// Sound, and of a kind that is not read.
  case unsupported(place: String, kind: String, advice: String)

  public var description: String {
    switch self {
    case .malformed(let place, let reason):
      "\(printable(place)): \(printable(reason)); copy or write the file again"
    case .pickle(let place):
      "\(printable(place)) holds Python objects as a pickle, which can run any code when it is loaded, so mmtrain does not "
        + "read it. Where you trust it, convert it in Python: d = numpy.load(file, allow_pickle=True).item(), then "
        + "numpy.savez(\"PHOTO.npz\", features=…, norm_bb=…) with arrays of numbers (docs/data.md, Regions)"
    case .unsupported(let place, let kind, let advice):
      "\(printable(place)): \(printable(kind)); \(advice)"
    }
  }

  public var exitCode: ExitCode { .badData }
}
