import Foundation
import Testing

@Suite struct VerifyCommandTests {
  @Test func everyCheckIsShownAndRight() throws {
    let result = try Program.run("verify")
    #expect(result.exitCode == 0)
    #expect(result.errors.isEmpty)
    #expect(result.output.hasPrefix("check                         difference  limit       result\ntokenizer"))
    #expect(result.output.contains("\nblock, fp32, baseline"))
    #expect(!result.output.contains("WRONG"))
  }

  @Test func theDocumentHasTheChecks() throws {
    let result = try Program.run("verify", "--json")
    let document = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    #expect(document["ok"] as? Bool == true)
    let checks = try #require(document["checks"] as? [[String: Any]])
    #expect(checks.count >= 7)
    for check in checks { #expect(Set(check.keys) == ["name", "difference", "limit", "unit", "ok"]) }
  }
}
