import Configuration
import Files
import TestSupport
import Testing

/// docs/configuration.md is read beside the table of keys, so the two must say the same.
@Suite struct ConfigurationPageTests {
  private let page: String

  init() throws {
    page = String(decoding: try readFile(repositoryRoot + "/docs/configuration.md"), as: UTF8.self)
  }

  @Test func listsEveryKeyAsTheParserKnowsIt() throws {
    let recipe = try RunConfiguration(file: nil)
    for key in ConfigurationKey.all {
      let row = "| `\(key.path)` | \(range(of: key)) | \(key.defaultText(in: recipe)) | \(key.summary) |"
      #expect(page.contains(row + "\n"), "missing: \(row)")
    }
  }

  @Test func listsNoOtherKeys() {
    let rows = page.split(separator: "\n").filter { $0.hasPrefix("| `") && $0.split(separator: "|").count == 4 }
    let listed = rows.map { String($0.split(separator: "`")[1]) }
    #expect(listed == ConfigurationKey.all.map(\.path))
  }

  @Test func keysAreUnique() {
    #expect(Set(ConfigurationKey.all.map(\.path)).count == ConfigurationKey.all.count)
  }

  private func range(of key: ConfigurationKey) -> String {
    key.kind.description + (key.absentWord.map { ", or `\($0)`" } ?? "")
  }
}
