import Files
import Hub
import Reporting
import TestSupport
import Testing

@Suite struct HubSettingsTests {
  private func settings(_ variables: [String: String]) throws -> HubSettings {
    try HubSettings(environment: { variables[$0] })
  }

  /// The order of huggingface_hub's constants.py.
  @Test(arguments: [
    (["HOME": "/h"], "/h/.cache/huggingface/hub"),
    (["HOME": "/h", "XDG_CACHE_HOME": "/x"], "/x/huggingface/hub"),
    (["HOME": "/h", "XDG_CACHE_HOME": "/x", "HF_HOME": "~/f"], "/h/f/hub"),
    (["HOME": "/h", "HF_HOME": "/f", "HUGGINGFACE_HUB_CACHE": "/old"], "/old"),
    (["HOME": "/h", "HF_HOME": "/f", "HUGGINGFACE_HUB_CACHE": "/old", "HF_HUB_CACHE": "/new"], "/new"),
    (["HOME": "/h", "HF_HUB_CACHE": ""], "/h/.cache/huggingface/hub"),
  ])
  func cache(variables: [String: String], path: String) throws {
    #expect(try settings(variables).cache == path)
  }

  @Test func endpoint() throws {
    #expect(try settings(["HOME": "/h"]).endpoint == "https://huggingface.co")
    let mirror = ["HOME": "/h", "HF_ENDPOINT": "https://hub.example/"]
    #expect(try settings(mirror).endpoint == "https://hub.example")
    for variables in [["HOME": "/h", "HF_ENDPOINT": "hub.example"], [:]] {
      let error = #expect(throws: HubError.self) { try settings(variables) }
      #expect(error?.exitCode == .usage)
    }
  }

  @Test func token() throws {
    let home = try TemporaryDirectory()
    #expect(try settings(["HF_HOME": home.path]).token == nil)
    try writeAtomically("hf_file\n".utf8, to: home("token"))
    #expect(try settings(["HF_HOME": home.path]).token == "hf_file")
    #expect(try settings(["HF_HOME": home.path, "HF_TOKEN": " hf_variable "]).token == "hf_variable")
    #expect(try settings(["HF_HOME": "/none", "HF_TOKEN_PATH": home("token")]).token == "hf_file")
  }

  @Test func offline() throws {
    for word in ["1", "true", "YES", "On"] { #expect(try settings(["HOME": "/h", "HF_HUB_OFFLINE": word]).isOffline) }
    for word in ["0", "", "no", "false"] { #expect(try !settings(["HOME": "/h", "HF_HUB_OFFLINE": word]).isOffline) }
    #expect(try settings(["HOME": "/h", "TRANSFORMERS_OFFLINE": "1"]).isOffline)
  }
}
