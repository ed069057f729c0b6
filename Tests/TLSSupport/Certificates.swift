internal import Files
internal import TestSupport

/// Whether certificates can be made here: Debian's ca-certificates brings the command.
public let hasOpenSSL = (try? run("/usr/bin/env", ["openssl", "version"]).output.hasPrefix("OpenSSL")) == true

/// Somebody who signs certificates, for as long as the object lives.
public final class Authority: Sendable {
  private let directory: TemporaryDirectory

  public init() throws {
    directory = try TemporaryDirectory(inMemory: true)
    // The system's configuration would add what it likes.
    try writeAtomically("[req]\ndistinguished_name = none\n[none]\n".utf8, to: directory("empty.cnf"))
    try certify("authority", [], ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign"])
  }

  /// Its own certificate (PEM): whoever trusts this file trusts what it signs.
  public var file: String { directory("authority.pem") }

  /// A server's certificate and key.
  ///
  /// - Parameter names: as OpenSSL writes them: `DNS:localhost`, `IP:127.0.0.1`.
  public func identity(_ names: String...) throws -> Identity {
    try certify(
      "server", ["-CA", file, "-CAkey", directory("authority.key")],
      ["basicConstraints=critical,CA:FALSE", "subjectAltName=\(names.joined(separator: ","))"])
    return try Identity(certificate: readFile(directory("server.pem")), key: readFile(directory("server.key")))
  }

  /// Writes NAME.pem and NAME.key.
  private func certify(_ name: String, _ signing: [String], _ extensions: [String]) throws {
    let arguments =
      ["openssl", "req", "-x509", "-config", directory("empty.cnf"), "-subj", "/CN=\(name) of a test", "-days", "2"]
      + ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
      + ["-keyout", directory(name + ".key"), "-out", directory(name + ".pem")]
    let result = try run("/usr/bin/env", arguments + signing + extensions.flatMap { ["-addext", $0] })
    guard result.status == 0 else { throw NoCertificate(errors: result.errors) }
  }
}

/// What a server shows to prove who it is (PEM).
public struct Identity: Sendable {
  let certificate: [UInt8]
  let key: [UInt8]
}

struct NoCertificate: Error {
  var errors: String
}
