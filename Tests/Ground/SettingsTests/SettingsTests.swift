import Reporting
import Settings
import TestSupport
import Testing

@Suite struct SettingsTests {
  private func read(_ json: String) throws -> Settings { try Settings(json: Array(json.utf8), file: "a.json") }

  /// As Python's `json` does: `json.loads('{"a": 1, "b": 2, "a": 3}')` is `{'a': 3, 'b': 2}`.
  @Test func ofTwoMembersTheLastCounts() throws {
    let settings = try read(#"{"a": 1, "b": 2, "a": 3}"#)
    #expect(try settings.whole("a") == 3 && settings.whole("b") == 2 && settings.keys == ["a", "b"])
  }

  @Test func aByteOrderMarkMayStandInFront() throws {
    #expect(try read("\u{FEFF}{\"a\": 1}").whole("a") == 1)
  }

  @Test(arguments: [
    #"{"a": 1,}"#, "{'a': 1}", #"{"a": NaN}"#, #"{"a": 1} }"#, #"{ // a"#, "[]", "3", "", "null", #"{"a": "\ud800"}"#,
    "version https://git-lfs.github.com/spec/v1\noid sha256:0", "<!DOCTYPE html><html>", "{\"a\": \"\u{1}\"}",
  ])
  func whatIsNoObjectIsRefused(json: String) {
    let error = #expect(throws: SettingsError.self) { try read(json) }
    #expect(error?.exitCode == .badData && error?.description.hasPrefix("a.json") == true)
  }

  @Test func valuesOfAnotherTypeAreRefusedByName() throws {
    let settings = try read(#"{"a": "4", "b": {"c": 2.5, "d": null, "e": [32, 48], "f": [7, 7], "g": 1e300}}"#)
    let inner = try settings.requiredGroup("b")
    #expect(try inner.side("f") == 7)
    for (error, code, words) in [
      (
        #expect(throws: SettingsError.self) { try settings.whole("a") }, ExitCode.badData,
        #"a is "4", but must be a whole"#
      ),
      (#expect(throws: SettingsError.self) { try inner.whole("c") }, .badData, "b.c is 2.5"),
      (#expect(throws: SettingsError.self) { try inner.flag("d") }, .badData, "b.d is null"),
      (#expect(throws: SettingsError.self) { try inner.side("e") }, .configuration, "b.e is [32, 48]"),
      (#expect(throws: SettingsError.self) { try inner.number("g") }, .badData, "b.g is"),
      (#expect(throws: SettingsError.self) { try settings.requiredGroup("x") }, .badData, "the key x is missing"),
    ] {
      #expect(error?.exitCode == code && error?.description.contains(words) == true, "\(String(describing: error))")
    }
  }

  @Test func everyKeyIsAccountedFor() throws {
    let known = KnownKeys(
      read: ["width"], harmless: ["note"], understood: ["pool_type": [.text("tok")], "qk_norm": JSONValue.nothing])
    try read(#"{"width": 3, "note": [], "pool_type": "tok", "qk_norm": null, "_mine": 1}"#).require(known)
    let value = #expect(throws: SettingsError.self) { try read(#"{"pool_type": "avg"}"#).require(known) }
    #expect(value == .unsupported(file: "a.json", key: "pool_type", found: #""avg""#, wanted: #""tok""#))
    #expect(throws: SettingsError.self) { try read(#"{"qk_norm": true}"#).require(known) }
    let key = #expect(throws: SettingsError.self) { try read(#"{"widht": 3}"#).require(known) }
    #expect(key == .unknownKey(file: "a.json", key: "widht", nearest: "width") && key?.exitCode == .configuration)
  }
}
