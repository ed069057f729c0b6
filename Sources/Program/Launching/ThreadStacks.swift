internal import CProcess
internal import Glibc
internal import Reporting

/// Writes to standard error where each thread of this process is, the calling one apart: what a person needs who has to find
/// out why a run hangs. What has no name there gets one from `addr2line -fe PROGRAM OFFSET | swift demangle`.
package func writeThreadStacks(rank: Int) {
  for thread in threads(of: getpid()).compactMap({ pid_t($0) }).sorted().prefix(32) where thread != mmt_this_thread() {
    var addresses = [UnsafeMutableRawPointer?](repeating: nil, count: 60)
    let count = mmt_stack_of_thread(thread, &addresses, Int32(addresses.count))
    let name = procText("/proc/self/task/\(thread)/comm").filter { $0 != "\n" }
    writeToStandardError(
      "rank \(rank), thread \(thread) (\(name))\(count == 0 ? " does not answer" : ":")\n")
    if count > 0 { mmt_write_stack(addresses, count, STDERR_FILENO) }
  }
}
