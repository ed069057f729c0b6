import Files
import Hub
import Reporting
import TestSupport
import Testing

@Suite struct HubNameTests {
  @Test(arguments: [
    ("openai/clip-vit-base-patch32", nil), ("apple/MobileCLIP-S1-OpenCLIP", "main"), ("a/b", "refs/pr/15"),
    ("a_b/c.d", "v1.0"), ("1/2", "0123456789abcdef0123456789abcdef01234567"),
  ])
  func names(repository: String, revision: String?) throws {
    let text = repository + (revision.map { "@" + $0 } ?? "")
    let name = try HubName(text)
    #expect(name.repository == repository && name.revision == revision && name.description == text)
  }

  @Test(arguments: [
    "a", "", "a/", "/b", "a//b", "a/b/c", "a b/c", "a/b@", "a/b@x y", "a/b@../x", "a/b@/x", "a/b@x/", "a/b@x//y",
    "a/b@-x", "a/b@.x", "a/b@x.lock", "a/b@x@y", "-a/b", "a/b-", "a--b/c", "a/..", "a/b..c", ".a/b", "a/b.git",
    "ä/b", "a/b\n", "a/b?x", "a/%2e", String(repeating: "a", count: 97) + "/b", "a\u{1B}[2J/b",
  ])
  func refused(text: String) {
    let error = #expect(throws: HubError.self) { try HubName(text) }
    #expect(error?.exitCode == .usage)
    #expect(error?.description.contains("\u{1B}") == false)
  }
}
