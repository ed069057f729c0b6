internal import Glibc

/// The value of an environment variable. Only the commands read the environment; rooms get what they need as arguments.
func environmentVariable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

/// Holds the value of `OPENBLAS_CORETYPE` that was removed, for `doctor`, and keeps a restart from repeating itself.
package let removedBLASCoreVariable = "MMTRAIN_REMOVED_BLAS_CORE"

/// The value of `OPENBLAS_CORETYPE` if the program should be started again without it, or nil. Set but empty it is not
/// unset: OpenBLAS then takes Haswell's kernels.
package func blasCoreToRemove(_ environment: (String) -> String?) -> String? {
  guard let core = environment("OPENBLAS_CORETYPE") else { return nil }
  guard environment("MMTRAIN_KEEP_BLAS_CORE") != "1", environment(removedBLASCoreVariable) == nil else { return nil }
  return core
}

/// Starts this program again without `OPENBLAS_CORETYPE`, once.
///
/// OpenBLAS reads the variable in its constructor, before `main`, so that removing it here alone comes too late; and
/// some machines set it to kernels of half the speed. `MMTRAIN_KEEP_BLAS_CORE=1` keeps it. The process stays the same,
/// so mpirun does not notice. Should the restart fail, the program goes on with what it has.
func restartWithoutBLASCore() {
  guard let core = blasCoreToRemove(environmentVariable) else { return }
  guard setenv(removedBLASCoreVariable, core, 1) == 0, unsetenv("OPENBLAS_CORETYPE") == 0 else { return }
  execv(executablePath() ?? "/proc/self/exe", CommandLine.unsafeArgv)
}

/// The file that this process runs, or nil where it is gone.
func executablePath() -> String? {
  guard let path = realpath("/proc/self/exe", nil) else { return nil }
  defer { free(path) }
  return String(cString: path)
}
