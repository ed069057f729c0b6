import Files
import Hub
import Reporting
import TestSupport
import Testing

@Suite struct ModelSourceTests {
  @Test func whatExistsIsAPath() throws {
    let place = try TemporaryDirectory()
    try makeDirectory(place("owner/name"))
    try writeAtomically([], to: place("x.safetensors"))
    for path in [place("owner/name"), place("x.safetensors"), ".", "/"] {
      #expect(try ModelSource(path) == .path(path))
    }
  }

  @Test func whatDoesNotIsAName() throws {
    #expect(try ModelSource("openai/clip-vit-base-patch32") == .hub(HubName("openai/clip-vit-base-patch32")))
    #expect(try ModelSource("openai/clip@refs/pr/15") == .hub(HubName("openai/clip@refs/pr/15")))
  }

  @Test(arguments: [
    "./a/b", "../a/b", "/none/b", "~/b", "a/b/", "a/b.safetensors", "runs/a/last", "./a/b@main", ".hidden/x",
  ])
  func whatCanOnlyBeAPath(text: String) {
    let error = #expect(throws: HubError.self) { try ModelSource(text) }
    #expect(error?.exitCode == .missingInput)
  }

  @Test(arguments: ["", "clip-vit-base-patch32", "openai/clip vit", "openai/clip@", "a--b/c"])
  func neither(text: String) {
    let error = #expect(throws: HubError.self) { try ModelSource(text) }
    #expect(error?.exitCode == .usage)
    #expect(error?.description.contains("no such file or directory") == true)
  }

  @Test func aTypo() throws {
    let place = try TemporaryDirectory()
    try makeDirectory(place("runs/checkpoint-100"))
    let error = #expect(throws: HubError.self) { try ModelSource(place("runs/chekpoint-100")) }
    #expect(error?.description.contains(place("runs/checkpoint-100")) == true)
  }
}
