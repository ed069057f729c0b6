import Foundation
import TestSupport
import Testing

/// The table "to add … touches …" of docs/flow.md: nobody outside of an owner's folder names a model, an encoder, an objective
/// or a task, neither as a type nor as a string.
@Suite struct SpineTests {
  /// Words that mean something else where they stand: gradients are clipped, an activation is a sigmoid, a class and a text have words,
  /// and so is a group of keys called.
  private static let otherWords = [
    "Sources/Learning/Configuration/ConfigurationKey+All.swift clip",
    "Sources/Insight/Reports/Explanation+Document.swift words",
    "Sources/Insight/Reports/ExplanationPage+Deletion.swift words",
    "Sources/Models/Models/HuggingFaceKeys.swift sigmoid",
    "Sources/Program/mmtrain/Commands/ExplainReport.swift words",
    "Sources/Program/mmtrain/Commands/ZeroShotReport.swift words",
  ]

  private struct Owner: CustomStringConvertible {
    let description: String
    /// Where its names may stand.
    let home: String
    let types: [String]
    let names: [String]
  }

  /// Types that a folder's files declare.
  private func types(in folder: String, matching pattern: String = ".*") throws -> [String] {
    let declaration = /\n(?:public |package )?(?:final class|struct|enum|protocol) ([A-Z]\w+)/
    return try sources(below: folder).flatMap { _, text in text.matches(of: declaration).map { String($0.1) } }
      .filter { $0.range(of: "^(?:\(pattern))$", options: .regularExpression) != nil }
  }

  private func modelTypes(_ folder: String, where isMeant: (_ file: String) -> Bool) throws -> [String] {
    try sources(below: folder).filter { isMeant($0.file) }.flatMap { _, text in
      text.matches(of: /static let modelType = "([^"]+)"/).map { String($0.1) }
    }
  }

  private func owners() throws -> [Owner] {
    let models = "Sources/Models/Models/"
    let kinds = try FileManager.default.contentsOfDirectory(atPath: repositoryRoot + "/" + models)
      .filter {
        FileManager.default.fileExists(atPath: "\(repositoryRoot)/\(models)\($0)/\($0).swift")
          || FileManager.default.fileExists(atPath: "\(repositoryRoot)/\(models)\($0)/\($0)Model.swift")
      }
    #expect(kinds.count >= 3)
    let names = try modelTypes(models) { !$0.hasPrefix(models + "Encoders/") }
    #expect(names.count == kinds.count)
    let towers = try modelTypes(models + "Encoders/") { _ in true }
    #expect(!towers.isEmpty)
    var owners = [
      Owner(
        description: "models", home: models, types: try kinds.flatMap { try types(in: models + $0 + "/") }, names: names
      ),
      Owner(
        description: "encoders", home: models,
        types: try types(in: models + "Encoders/") + types(in: models + "Joins/"), names: towers),
    ]
    for (what, home, suffix) in [
      ("objectives", "Sources/Learning/Objectives/", "Objective"), ("tasks", "Sources/Learning/Tasks/", "Task"),
    ] {
      let types = try types(in: home, matching: "\\w+\(suffix)")
      let names = try sources(below: home).flatMap { _, text in
        text.matches(of: /static let name = "([^"]+)"/).map { String($0.1) }
      }
      #expect(!types.isEmpty && !names.isEmpty)
      owners.append(Owner(description: what, home: home, types: types, names: names))
    }
    return owners
  }

  @Test func nobodyElseNamesThem() throws {
    // What measures are called is the business of the room that defines them.
    let measures = "Sources/Learning/Evaluation/"
    let all = try sources(below: "Sources/")
    for owner in try owners() {
      for (file, text) in all where !file.hasPrefix(owner.home) {
        let code = withoutComments(text)
        let words = code.replacing(/"""(?:.|\n)*?"""/, with: "").replacing(/"[^"\n]*"/, with: "")
        for type in Set(owner.types) {
          #expect(
            words.firstMatch(of: try Regex("\\b\(type)\\b")) == nil, "\(file) names \(type), of the \(owner)")
        }
        guard file.hasPrefix(measures) == false else { continue }
        for name in owner.names where !Self.otherWords.contains("\(file) \(name)") {
          #expect(!code.contains("\"\(name)\""), "\(file) names \"\(name)\", of the \(owner)")
        }
      }
    }
  }

  /// Each objective and each task has its row, each model its page.
  @Test func docsHaveARowForEach() throws {
    for (what, page) in [("objectives", "objectives.md"), ("tasks", "tasks.md"), ("encoders", "towers.md")] {
      let text = try String(contentsOfFile: repositoryRoot + "/docs/" + page, encoding: .utf8)
      for owner in try owners() where owner.description == what {
        for name in owner.names { #expect(text.contains("\n| `\(name)` |"), "docs/\(page) lacks \(name)") }
      }
    }
    for owner in try owners() where owner.description == "models" {
      for name in owner.names {
        let page = "\(repositoryRoot)/docs/models/\(name).md"
        #expect(FileManager.default.fileExists(atPath: page), "no page docs/models/\(name).md")
      }
    }
  }

  /// Nobody finds a page that the first one does not name.
  @Test func theReadmeNamesEveryPage() throws {
    let readme = try String(contentsOfFile: repositoryRoot + "/README.md", encoding: .utf8)
    let pages = try FileManager.default.subpathsOfDirectory(atPath: repositoryRoot + "/docs")
    for page in pages where page.hasSuffix(".md") {
      #expect(readme.contains("(docs/\(page))"), "README.md does not name docs/\(page)")
    }
  }

  private func withoutComments(_ text: String) -> String {
    text.split(separator: "\n").filter { !$0.drop { $0 == " " }.hasPrefix("//") }.joined(separator: "\n")
  }

  private func sources(below folder: String) throws -> [(file: String, text: String)] {
    let root = repositoryRoot + "/"
    return try FileManager.default.subpathsOfDirectory(atPath: root + folder).filter { $0.hasSuffix(".swift") }.sorted()
      .map { (folder + $0, try String(contentsOfFile: root + folder + $0, encoding: .utf8)) }
  }
}
