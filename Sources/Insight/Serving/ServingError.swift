internal import Glibc
public import Reporting

/// Why nothing can be served.
public enum ServingError: ReportableError, Equatable {
  case noAddress(host: String)
  case cannotListen(host: String, port: Int, code: Int32)
  case noThread

  public var description: String {
    switch self {
    case .noAddress(let host):
      "\(printable(host)) is no address of this machine; give one such as 127.0.0.1 or ::1 (--host)"
    case .cannotListen(let host, let port, EADDRINUSE):
      "port \(port) of \(printable(host)) is in use by another program; give another one, or 0 for any that is free (--port)"
    case .cannotListen(let host, let port, EACCES), .cannotListen(let host, let port, EPERM):
      "port \(port) of \(printable(host)) is not for this user; give one from 1024 on (--port)"
    case .cannotListen(let host, _, EADDRNOTAVAIL):
      "\(printable(host)) is no address of this machine; give one that it has, such as 127.0.0.1 (--host)"
    case .cannotListen(let host, let port, let code):
      "nothing can listen on port \(port) of \(printable(host)): \(String(cString: strerror(code)))"
    case .noThread: "the system has no thread left for the model; end other programs, or raise `ulimit -u`"
    }
  }

  public var exitCode: ExitCode {
    switch self {
    case .noAddress: .usage
    case .cannotListen: .network
    case .noThread: .inputOutput
    }
  }
}
