import Foundation
import TestSupport
import Testing

/// The arrows between the rooms (docs/flow.md), held against what the files import.
@Suite struct ImportTests {
  /// An import that is not declared builds or not by the luck of the order in which targets are compiled.
  @Test func everyImportIsDeclared() throws {
    let package = try Package.read()
    let rooms = Set(package.targets.map(\.name))
    for target in package.targets where target.type != "system" {
      let declared = Set(target.dependencies.compactMap(\.name))
      for file in try swiftFiles(below: target.folder) {
        for module in try imports(of: file) where rooms.contains(module) {
          #expect(
            declared.contains(module), "\(file) imports \(module): declare it in Package.swift for \(target.name)")
        }
      }
    }
  }

  /// An import that nobody needs any more is an arrow that is not there. Of C rooms a link may be all that is wanted, and
  /// every room's tests may use TestSupport.
  @Test func everyDeclaredImportIsUsed() throws {
    let package = try Package.read()
    let rooms = Set(package.targets.filter { ["regular", "library"].contains($0.type) }.map(\.name))
    for target in package.targets where target.type != "system" {
      let files = try swiftFiles(below: target.folder)
      guard !files.isEmpty else { continue }
      let used = Set(try files.flatMap(imports))
      for name in target.dependencies.compactMap(\.name)
      where rooms.contains(name) && !name.isCRoom && name != "TestSupport" {
        #expect(used.contains(name), "\(target.name) imports \(name) nowhere: take it out of Package.swift")
      }
    }
  }

  /// Package.swift lists a room after all that it imports.
  @Test func importsPointUpTheList() throws {
    let package = try Package.read()
    let order = Dictionary(uniqueKeysWithValues: package.targets.enumerated().map { ($1.name, $0) })
    for (place, target) in package.targets.enumerated() {
      for name in target.dependencies.compactMap(\.name) {
        guard let other = order[name] else { continue }
        #expect(other < place, "\(target.name) imports \(name), which Package.swift lists after it")
      }
    }
  }

  @Test func everyFileIsFormatted() throws {
    let places = ["Sources", "Tests", "Package.swift"].map { repositoryRoot + "/" + $0 }
    let result = try run(
      "/usr/bin/env", ["swift", "format", "lint", "--strict", "--recursive", "--parallel"] + places)
    #expect(result.status == 0, "swift format --in-place --recursive Sources Tests Package.swift\n\(result.errors)")
  }
}

private func swiftFiles(below folder: String) throws -> [String] {
  try FileManager.default.subpathsOfDirectory(atPath: folder)
    .filter { $0.hasSuffix(".swift") }.sorted().map { folder + "/" + $0 }
}

/// The modules that a file's import lines name.
private func imports(of file: String) throws -> [String] {
  let line = /^(?:@\w+ )*(?:(?:public|package|internal|private) )?import (?:struct |class |enum |func |protocol )?(\w+)/
  return try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
    .compactMap { $0.firstMatch(of: line).map { String($0.1) } }
}

extension String {
  /// Whether a room of that name holds C.
  var isCRoom: Bool { range(of: "^C[A-Z]", options: .regularExpression) != nil }
}
