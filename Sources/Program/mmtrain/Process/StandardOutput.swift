internal import Files
internal import Glibc

/// Writing to a pipe that nobody reads any more fails, rather than ending a training run.
func ignoreBrokenPipes() { signal(SIGPIPE, SIG_IGN) }

/// A file that outgrows `ulimit -f` is a write that fails, and a save that fails is tried again; it is no reason to die.
func ignoreFileSizeLimits() { signal(SIGXFSZ, SIG_IGN) }

/// Writes a result to standard output; everything else a command says goes to standard error.
///
/// Where the reader has left (`mmtrain inspect … | head`), the program ends quietly, as other programs do.
func printResult(_ text: String) throws {
  var rest = Array(text.utf8)[...]
  while !rest.isEmpty {
    let count = rest.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
    if count < 0, errno == EINTR { continue }
    if count < 0, errno == EPIPE {
      signal(SIGPIPE, SIG_DFL)
      raise(SIGPIPE)
    }
    guard count > 0 else { throw FileError.system(call: "write", path: "standard output", code: errno) }
    rest = rest.dropFirst(count)
  }
}
