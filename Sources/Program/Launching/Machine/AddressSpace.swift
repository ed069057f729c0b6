internal import Glibc
internal import Reporting

/// Ends the process where `ulimit -v`, as a batch system's `h_vmem` sets it, leaves no room for what OpenBLAS maps: it would
/// try again for ever, and its threads would not even let the process end.
package func requireAddressSpace() {
  var limit = rlimit()
  guard getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0, limit.rlim_cur < rlim_t(Int.max) else {
    return
  }
  let needed = BLASLibrary.mappedBytes + headroom
  let place = mmap(nil, needed, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
  if place != MAP_FAILED {
    munmap(place, needed)
    return
  }
  writeToStandardError(
    "error: the address space is limited to \(megabytes(Int(limit.rlim_cur))) (ulimit -v, or a batch system's h_vmem), and "
      + "\(megabytes(needed)) of it must still be free for OpenBLAS; raise that limit, or take fewer threads with "
      + "OPENBLAS_NUM_THREADS\n")
  flushStandardError()
  _exit(ExitCode.configuration.rawValue)
}

/// For the stack and the heap of the first threads.
private let headroom = 64 << 20

extension BLASLibrary {
  /// What its threads map at most before they compute: a buffer each.
  fileprivate static var mappedBytes: Int { (threads ?? 1) << 27 }
}
