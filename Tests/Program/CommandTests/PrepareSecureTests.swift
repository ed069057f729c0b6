import Files
import TLSSupport
import TestSupport
import Testing

/// The whole program against mirrors that speak HTTPS, of an authority that `SSL_CERT_FILE` names.
@Suite(.enabled(if: hasOpenSSL, "the openssl command is not here")) struct PrepareSecureTests {
  let toy: ToySet
  let authority: Authority

  init() throws {
    toy = try ToySet()
    authority = try Authority()
  }

  /// Speaks for the server of the data set, or for another.
  private func front(_ server: LoopbackServer? = nil) throws -> TLSFront {
    try TLSFront(server ?? toy.server, as: authority.identity("IP:127.0.0.1"))
  }

  private func prepare(from url: String, authorities: String) throws -> ProcessResult {
    try writeAtomically(toy.manifest(photosURL: url).utf8, to: toy.path)
    return try RunningProcess(
      Program.path, ["prepare", toy.path, "--output", toy.output], environment: ["SSL_CERT_FILE": authorities]
    ).wait()
  }

  private var photosAskedFor: Int { toy.server.requests.count { $0.path == "/photos.zip" } }

  @Test func aTrustedMirror() throws {
    let front = try front()
    let result = try prepare(from: front.url() + "/photos.zip", authorities: authority.file)
    #expect(result.status == 0, "\(result.errors)")
    #expect(try readFile(toy.downloads + "/photos.zip") == toy.photos)
    #expect(fileExists(toy.output + "/manifest.json") && photosAskedFor == 1)
  }

  /// An empty variable is none.
  @Test func aStranger() throws {
    let (front, other) = (try front(), try Authority())
    for authorities in ["", other.file] {
      let result = try prepare(from: front.url() + "/photos.zip", authorities: authorities)
      #expect(result.status == 69)
      #expect(result.errors.contains("the server's certificate is not trusted"), "\(result.errors)")
      #expect(photosAskedFor == 0 && !fileExists(toy.output))
    }
  }

  @Test func fromSecureToPlain() throws {
    let plain = toy.server.url + "/photos.zip"
    let first = try LoopbackServer { _ in LoopbackAnswer(302, [("Location", plain)]) }
    let front = try front(first)
    let result = try prepare(from: front.url() + "/photos.zip", authorities: authority.file)
    #expect(result.status == 69)
    #expect(
      result.errors.contains("\(front.url())/photos.zip: redirects from HTTPS to \(plain); refused"), "\(result.errors)"
    )
    #expect(first.requests.count == 1 && photosAskedFor == 0)
  }

  @Test func authoritiesThatCannotBeRead() throws {
    let path = toy.directory("nothing.pem")
    let front = try front()
    let result = try prepare(from: front.url() + "/photos.zip", authorities: path)
    #expect(result.status == 78)
    #expect(result.errors.contains("\(path): no certificates to trust can be read from here"), "\(result.errors)")
    #expect(photosAskedFor == 0)
  }
}
