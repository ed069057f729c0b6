import Foundation
import TestSupport

/// The targets as Package.swift declares them, in its order.
struct Package: Decodable {
  struct Target: Decodable {
    let name: String
    let type: String
    let path: String?
    let dependencies: [Dependency]

    /// Its folder, by the same rule as the package manager's.
    var folder: String { repositoryRoot + "/" + (path ?? (type == "test" ? "Tests/" : "Sources/") + name) }
  }

  /// A target, or a product of another package: what stands behind `import`.
  struct Dependency: Decodable {
    let byName: [String?]?
    let target: [String?]?
    let product: [String?]?
    var name: String? { (byName ?? target ?? product)?.first ?? nil }
  }

  let targets: [Target]

  /// Asks the package manager; a build folder of its own keeps it from waiting for the run that this test is part of.
  static func read() throws -> Package {
    let scratch = try TemporaryDirectory()
    let result = try run(
      "/usr/bin/env",
      ["swift", "package", "--package-path", repositoryRoot, "--scratch-path", scratch("build"), "dump-package"])
    guard result.status == 0 else { throw Unreadable(errors: result.errors) }
    return try JSONDecoder().decode(Package.self, from: Data(result.output.utf8))
  }

  struct Unreadable: Error {
    let errors: String
  }
}
