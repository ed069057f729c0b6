import Files
import Reporting
import TestSupport
import Testing

@Suite struct ExitCodePageTests {
  @Test func thePageListsEveryCode() throws {
    let page = String(decoding: try readFile(repositoryRoot + "/docs/exit-codes.md"), as: UTF8.self)
    for number in Int32(0)...255 {
      let row = page.split(separator: "\n").first { $0.hasPrefix("| \(number) |") }
      if let code = ExitCode(rawValue: number) {
        #expect(row?.hasPrefix("| \(number) | \(code) |") == true, "docs/exit-codes.md lacks \(number) \(code)")
      } else {
        #expect(row == nil, "docs/exit-codes.md lists \(number), which mmtrain never ends with")
      }
    }
  }
}
