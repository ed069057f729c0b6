internal import Glibc
internal import Reporting

/// How another program ended, and what it said on both of its outputs together.
package struct SubprocessResult {
  /// As a shell gives it: 128 + signal for a program that was ended by a signal.
  package let exitCode: Int32
  package let output: String
}

/// Runs a program to its end and reads at most 64 KiB of what it says; nil where it cannot be started. After `seconds`
/// it is ended.
package func run(_ path: String, _ arguments: [String], seconds: Int32) -> SubprocessResult? {
  var pipe: [Int32] = [-1, -1]
  guard Glibc.pipe(&pipe) == 0 else { return nil }
  defer { close(pipe[0]) }
  for end in pipe { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
  let process = spawn(path, arguments, output: pipe[1])
  close(pipe[1])
  guard let process else { return nil }
  let (output, isComplete) = readAll(pipe[0], seconds: seconds)
  if !isComplete { kill(process, SIGKILL) }
  var status: Int32 = 0
  while waitpid(process, &status, 0) < 0, errno == EINTR {}
  let signal = status & 0x7F
  return SubprocessResult(exitCode: signal == 0 ? status >> 8 & 0xFF : 128 + signal, output: output)
}

/// Starts a program with both outputs going to `output`.
private func spawn(_ path: String, _ arguments: [String], output: Int32) -> pid_t? {
  var actions = posix_spawn_file_actions_t()
  posix_spawn_file_actions_init(&actions)
  defer { posix_spawn_file_actions_destroy(&actions) }
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
  posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO)
  var process: pid_t = 0
  let code = withCStrings([path] + arguments) { posix_spawn(&process, path, &actions, nil, $0, environ) }
  return code == 0 ? process : nil
}

private func readAll(_ descriptor: Int32, seconds: Int32) -> (text: String, isComplete: Bool) {
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 4096)
  let deadline = monotonicSeconds() + Double(seconds)
  while bytes.count < 1 << 16 {
    var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    let left = deadline - monotonicSeconds()
    guard left > 0, poll(&request, 1, Int32((left * 1000).rounded(.up))) > 0 else { return (text(bytes), false) }
    let count = read(descriptor, &buffer, buffer.count)
    guard count > 0 else { return (text(bytes), count == 0) }
    bytes += buffer[..<count]
  }
  return (text(bytes), false)
}

private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

/// The null-terminated array of C strings that exec and posix_spawn take.
package func withCStrings<Result>(
  _ strings: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
  var pointers = strings.map { strdup($0) } + [nil]
  defer { for pointer in pointers { free(pointer) } }
  return pointers.withUnsafeMutableBufferPointer { buffer in
    guard let base = buffer.baseAddress else { preconditionFailure("an array with a terminator is not empty") }
    return body(base)
  }
}
