internal import Glibc

/// The value of an environment variable. Only the commands read the environment; rooms get what they need as arguments.
package func environmentVariable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

/// Holds the value of `OPENBLAS_CORETYPE` that was removed before any library saw it (CStartup), for `doctor`.
package let removedBLASCoreVariable = "MMTRAIN_REMOVED_BLAS_CORE"

/// The file that this process runs, or nil where it is gone.
package func executablePath() -> String? {
  guard let path = realpath("/proc/self/exe", nil) else { return nil }
  defer { free(path) }
  return String(cString: path)
}
