import Catalogue
import Files
import Reporting
import Synchronization
import TLSSupport
import TestSupport
import Testing

/// Several addresses for a file, of which some are wrong.
@Suite struct MirrorTests {
  let fetching: Fetching
  let bytes = zipLike(200_000)
  var digest: String { sha256(bytes) }

  init() throws { fetching = try Fetching() }

  private func good(_ request: LoopbackRequest) -> LoopbackAnswer { .file(bytes, etag: "\"good\"", to: request) }

  @Test func aWholeFileAndThenNothing() throws {
    let server = try LoopbackServer { [bytes] in .file(bytes, etag: "\"a\"", to: $0) }
    let known = manifest([server.url + "/photos.zip"], sha256: digest, size: bytes.count)
    let fetched = try fetching.fetch(known)
    #expect(fetched.archives == [fetching.downloads + "/photos.zip"] && fetched.captions == nil)
    #expect(try readFile(fetched.archives[0]) == bytes)
    #expect(try fetching.names == ["photos.zip", "photos.zip.sha256"])
    let record = try readFile(fetching.downloads + "/photos.zip.sha256")
    #expect(String(decoding: record, as: UTF8.self) == "\(digest)  photos.zip\n")
    fetched.release()
    _ = try fetching.fetch(known)
    #expect(server.requests.count == 1, "what is there is not fetched again")
    #expect(fetching.text.contains("photos.zip is here"))
  }

  /// What the first address gives instead of the file, and what is said and kept of it.
  @Test(arguments: [
    ("another file", "the content hashes to", "a zip archive", true),
    ("a web page", "a web page came instead", "a web page", true),
    ("a web page that does not say so", "a web page came instead", "a web page", true),
    ("a short file", "bytes, 200000 expected", "a zip archive", true),
    ("a long file", "bytes, 200000 expected", "a zip archive", true),
    ("nothing", "status 404", "", false), ("a closed door", "status 403", "", false),
  ])
  func theNextAddress(what: String, words: String, kind: String, isKept: Bool) throws {
    let page = Array("<!DOCTYPE html><title>Log in</title>".utf8)
    let bad = try LoopbackServer { _ in
      switch what {
      case "another file": LoopbackAnswer(200, [], zipLike(200_000, seed: 2))
      case "a web page": LoopbackAnswer(200, [("Content-Type", "text/html")], page)
      case "a web page that does not say so": LoopbackAnswer(200, [("Content-Length", "")], page)
      case "a short file": LoopbackAnswer(200, [], zipLike(100_000))
      case "a long file": LoopbackAnswer(200, [("Content-Length", "")], zipLike(300_000))
      case "nothing": LoopbackAnswer(404)
      default: LoopbackAnswer(403)
      }
    }
    let server = try LoopbackServer { [bytes] in .file(bytes, etag: "\"a\"", to: $0) }
    let fetched = try fetching.fetch(
      manifest([bad.url + "/x", server.url + "/x"], sha256: digest, size: bytes.count))
    #expect(try readFile(fetched.archives[0]) == bytes)
    #expect(bad.requests.count == 1 && server.requests.count == 1)
    #expect(fetching.text.contains(words) && fetching.text.contains("trying the next address"), "\(fetching.text)")
    let kept = fetching.downloads + "/photos.zip.bad"
    #expect(fileExists(kept) == isKept)
    if isKept { #expect(fetching.text.contains("kept as \(kept): \(kind)"), "\(fetching.text)") }
    #expect(server.bytesSent == bytes.count)
  }

  /// The first address cannot prove who it is.
  @Test(.enabled(if: hasOpenSSL, "the openssl command is not here"))
  func aStranger() throws {
    let (bad, server) = (try LoopbackServer(good), try LoopbackServer(good))
    let front = try TLSFront(bad, as: Authority().identity("IP:127.0.0.1"))
    let fetched = try fetching.fetch(
      manifest([front.url() + "/x", server.url + "/x"], sha256: digest, size: bytes.count))
    #expect(try readFile(fetched.archives[0]) == bytes)
    #expect(bad.requests.isEmpty && server.requests.count == 1)
    #expect(fetching.text.contains("certificate is not trusted"), "\(fetching.text)")
    #expect(fetching.waits.withLock { $0 } == 0, "another try would not do better")
  }

  /// The first address breaks off for good; the second gives the rest and no more.
  @Test func theRestFromAnotherAddress() throws {
    let broken = try LoopbackServer { [bytes] request in
      var answer = LoopbackAnswer.file(bytes, etag: "\"one\"", to: request)
      answer.cutAfter = max(0, 120_000 - (request.offset ?? 0))
      return answer
    }
    let server = try LoopbackServer { [bytes] in .file(bytes, etag: "\"two\"", to: $0) }
    let fetched = try fetching.fetch(
      manifest([broken.url + "/x", server.url + "/x"], sha256: digest, size: bytes.count))
    #expect(try readFile(fetched.archives[0]) == bytes)
    #expect(broken.bytesSent == 120_000 && server.bytesSent == 80_000)
    #expect(server.requests[0].headers["if-range"] == nil, "the other server's ETag means nothing here")
    #expect(broken.requests.count == 3, "two tries that bring nothing, as there is another address")
  }

  /// All addresses fail: all reasons are told, and the code is that of the kind.
  @Test func allFail() throws {
    let page = try LoopbackServer { _ in LoopbackAnswer(200, [("Content-Type", "text/html")], Array("<html>".utf8)) }
    let gone = try LoopbackServer { _ in LoopbackAnswer(404) }
    let yaml = """
      name: test
      files:
        - { name: photos.zip, role: photos, sha256: \(digest), urls: [URLS] }

      """
    func refusal(_ urls: String...) -> (code: ExitCode, text: String)? {
      fetching.refusal(yaml.replacing("URLS", with: urls.joined(separator: ", ")))
    }
    let both = try #require(refusal(page.url + "/x", gone.url + "/x"))
    #expect(both.code == .badData && both.text.contains("a web page came") && both.text.contains("status 404"))
    #expect(refusal(gone.url + "/x")?.code == .missingInput)
    #expect(refusal("http://127.0.0.1:1/x", page.url + "/x")?.code == .network)
    #expect(try fetching.names.filter { !$0.contains("incomplete") } == ["photos.zip.bad"])
  }

  /// Nobody has published a digest: it is said, and what was fetched is known again.
  @Test func trustOnFirstUse() throws {
    let open = try LoopbackServer { [bytes] in .file(bytes, etag: "\"a\"", to: $0) }
    let known = manifest([open.url + "/photos.zip"])
    try fetching.fetch(known).release()
    #expect(fetching.text.contains("taken on trust") && fetching.text.contains(digest))
    try fetching.fetch(known).release()
    #expect(open.requests.count == 1)
    try writeAtomically(zipLike(200_000, seed: 5), to: fetching.downloads + "/photos.zip")
    let fetched = try fetching.fetch(known)
    #expect(fetching.text.contains("has changed since it was fetched"))
    #expect(try readFile(fetched.archives[0]) == bytes)
  }

  /// Without a digest the archive must at least look like one.
  @Test func whatIsNoArchive() throws {
    let server = try LoopbackServer { _ in LoopbackAnswer(200, [], Array("Not found, sorry\n".utf8)) }
    let error = #expect(throws: CatalogueError.self) { try fetching.fetch(manifest([server.url + "/photos.zip"])) }
    #expect(error?.exitCode == .badData && error?.description.contains("a text, not a zip archive") == true)
    #expect(try fetching.names == ["photos.zip.bad"])
  }

  @Test func md5IsHeldAgainst() throws {
    let text = Array("hello".utf8)
    let server = try LoopbackServer { _ in LoopbackAnswer(200, [], text) }
    var known = manifest([server.url + "/x"])
    known.files[0].md5 = "5d41402abc4b2a76b9719d911017c592"
    try fetching.fetch(known).release()
    #expect(fetching.text.contains("its MD5 is the one in the manifest"))
    try removeTree(fetching.downloads)
    known.files[0].md5 = "5d41402abc4b2a76b9719d911017c593"
    #expect(throws: CatalogueError.self) { try fetching.fetch(known) }
  }

  /// A file that somebody put there is checked like one that was fetched.
  @Test func aFileThatIsThere() throws {
    let server = try LoopbackServer { [bytes] in .file(bytes, etag: "\"a\"", to: $0) }
    let known = manifest([server.url + "/photos.zip"], sha256: digest, size: bytes.count)
    try makeDirectory(fetching.downloads)
    try writeAtomically(bytes, to: fetching.downloads + "/photos.zip")
    try fetching.fetch(known).release()
    #expect(server.requests.isEmpty)
    try writeAtomically(bytes.dropLast(), to: fetching.downloads + "/photos.zip")
    try fetching.fetch(known).release()
    #expect(server.requests.count == 1)
    #expect(try readFile(fetching.downloads + "/photos.zip.bad") == Array(bytes.dropLast()))
    #expect(fetching.text.contains("199999 bytes, 200000 expected"))
  }

  /// The file has the manifest's name, whatever the URL and the server call it.
  @Test func namesFromOutsideMeanNothing() throws {
    let server = try LoopbackServer { [bytes] _ in
      LoopbackAnswer(200, [("Content-Disposition", "attachment; filename=\"../../evil\"")], bytes)
    }
    let url = server.url + "/..%2F..%2Fetc/%2e%2e/passwd?file=../x"
    try fetching.fetch(manifest([url], sha256: digest)).release()
    #expect(try fetching.names == ["photos.zip", "photos.zip.sha256"])
    #expect(try directoryEntries(fetching.directory.path) == ["downloads"])
  }

  @Test func moreThanFits() throws {
    let server = try LoopbackServer { [bytes] in .file(bytes, etag: "\"a\"", to: $0) }
    let known = manifest([server.url + "/photos.zip"], sha256: digest, size: 1 << 49)
    let error = #expect(throws: CatalogueError.self) { try fetching.fetch(known) }
    #expect(error?.exitCode == .inputOutput && error?.description.contains("are free") == true)
    #expect(server.requests.isEmpty, "before the first byte")
  }

  @Test func anotherProcessIsAtIt() throws {
    let lock = try DirectoryLock(fetching.downloads)
    let refusal = try #require(
      fetching.refusal("name: a\nfiles:\n  - { urls: https://127.0.0.1:1/photos.zip, role: photos }\n"))
    #expect(refusal.code == .cannotCreateOutput && refusal.text.contains("in use by process"))
    lock.release()
  }

  @Test func whatMustBeAskedFor() throws {
    let refusal = try #require(fetching.refusal("name: a\nobtain: write a letter\n"))
    #expect(refusal.code == .missingInput && refusal.text.contains("write a letter"))
  }
}
