import Foundation
import TestSupport
import Testing

/// docs/reliability.md promises tests by name, and a clock that nobody sets.
@Suite struct ReliabilityPageTests {
  /// `SuiteTests.aTest`, and `.anotherOne` of the suite before it.
  @Test func everyTestThatThePageNamesIsThere() throws {
    let page = try String(contentsOfFile: repositoryRoot + "/docs/reliability.md", encoding: .utf8)
    let tests = try sources(below: repositoryRoot + "/Tests").values.joined(separator: "\n")
    let folders = try FileManager.default.subpathsOfDirectory(atPath: repositoryRoot + "/Tests")
    var count = 0
    for match in page.matches(of: /([A-Z][A-Za-z0-9]*Tests)(?:\.([a-z][A-Za-z0-9]+))?/) {
      let suite = String(match.1)
      let isThere =
        tests.contains("struct \(suite)") || folders.contains { $0 == suite || $0.hasSuffix("/\(suite)") }
      #expect(isThere, "no suite and no folder \(suite)")
      if let name = match.2 { #expect(tests.contains("func \(name)("), "no test \(suite).\(name)") }
      count += 1
    }
    for match in page.matches(of: /, \.([a-z][A-Za-z0-9]+)/) {
      #expect(tests.contains("func \(match.1)("), "no test .\(match.1)")
    }
    #expect(count > 80, "the page names \(count) tests only")
  }

  /// Every row of a fault or a bad input is there once.
  @Test func noRowIsMissing() throws {
    let page = try String(contentsOfFile: repositoryRoot + "/docs/reliability.md", encoding: .utf8)
    let rows = (1...55).map { "F\($0)" } + (1...41).map { "B\($0)" }
    for row in rows { #expect(page.components(separatedBy: "\n| \(row) |").count == 2, "\(row)") }
  }

  /// A clock that somebody sets makes waits too long or rates negative. Only how old a leftover is, is told by it, and where the events of a run
  /// begin that TensorBoard shows.
  @Test func nobodyAsksForTheTimeOfDay() throws {
    for (file, text) in try sources(below: repositoryRoot + "/Sources")
    where !["Files/Temporaries.swift", "TensorBoard/EventFile.swift"].contains(where: file.hasSuffix) {
      for call in ["Date()", "time(nil)", "time(NULL)", "gettimeofday(", "CLOCK_REALTIME"] {
        #expect(!text.contains(call), "\(file): \(call)")
      }
    }
  }

  private func sources(below folder: String) throws -> [String: String] {
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder).filter {
      $0.hasSuffix(".swift") || $0.hasSuffix(".c") || $0.hasSuffix(".h")
    }
    return try Dictionary(
      uniqueKeysWithValues: names.map { ($0, try String(contentsOfFile: folder + "/" + $0, encoding: .utf8)) })
  }
}
