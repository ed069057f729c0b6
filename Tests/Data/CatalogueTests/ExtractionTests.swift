import Catalogue
import Files
import Reporting
import TestSupport
import Testing

/// Caption files within archives.
@Suite struct ExtractionTests {
  let fetching: Fetching
  let server: LoopbackServer

  init() throws {
    fetching = try Fetching()
    let texts = try zip(
      [("x/a.token.txt", "A"), ("x/train.txt", "B"), ("x/other.txt", "C"), ("x/twice.txt", "D"), ("y/twice.txt", "E")],
      in: fetching.directory)
    let photos = zipLike(1000)
    server = try LoopbackServer { request in
      .file(request.path == "/texts.zip" ? texts : photos, etag: "\"a\"", to: request)
    }
  }

  private func yaml(_ members: String) throws -> String {
    let texts = try zip(
      [("x/a.token.txt", "A"), ("x/train.txt", "B"), ("x/other.txt", "C"), ("x/twice.txt", "D"), ("y/twice.txt", "E")],
      in: fetching.directory)
    return """
      name: test
      files:
        - { role: photos, urls: "\(server.url)/photos.zip", sha256: \(sha256(zipLike(1000))) }
        - { role: captions, urls: "\(server.url)/texts.zip", sha256: \(sha256(texts)), members: \(members) }

      """
  }

  @Test func membersAreTakenOut() throws {
    let fetched = try fetching.fetch(yaml("[a.token.txt, train.txt]"))
    let folder = fetching.downloads + "/extracted/captions"
    #expect(fetched.archives == [fetching.downloads + "/photos.zip"] && fetched.captions == folder + "/a.token.txt")
    #expect(try directoryEntries(folder) == ["a.token.txt", "train.txt"])
    #expect(try readFile(folder + "/train.txt") == Array("B".utf8))
  }

  @Test func membersThatAreNotThere() throws {
    let missing = try #require(fetching.refusal(try yaml("a.tokens.txt")))
    #expect(missing.code == .configuration && missing.text.contains("did you mean a.token.txt?"))
    let twice = try #require(fetching.refusal(try yaml("twice.txt")))
    #expect(twice.code == .configuration && twice.text.contains("more than once"))
  }

  /// An archive of captions of which no member is named is joined to the photos.
  @Test func withoutMembers() throws {
    let fetched = try fetching.fetch(yaml("").replacing(", members: ", with: ""))
    #expect(fetched.archives.map { lastComponent(of: $0) } == ["photos.zip", "texts.zip"] && fetched.captions == nil)
  }
}
