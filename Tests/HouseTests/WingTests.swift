import Foundation
import TestSupport
import Testing

/// The wings in which the rooms stand (docs/flow.md), held against the folders and Package.swift.
@Suite struct WingTests {
  /// In the order in which data pass through them.
  static let wings = ["Ground", "Data", "Engine", "Ranks", "Models", "Learning", "Insight", "Program"]

  @Test func sourcesAreWings() throws {
    let folders = try FileManager.default.contentsOfDirectory(atPath: repositoryRoot + "/Sources")
    #expect(folders.sorted() == Self.wings.sorted())
  }

  /// Package.swift lists them in that order; every room is a folder of its wing, and every folder of a wing a room.
  @Test func packageListsTheWingsInOrder() throws {
    let paths = try Package.read().targets.compactMap(\.path).filter { $0.hasPrefix("Sources/") }
    let places = paths.map { path in Self.wings.firstIndex { path.hasPrefix("Sources/\($0)/") } ?? -1 }
    #expect(places == places.sorted(), "a room is listed before a wing that its own comes after")
    var folders: [String] = []
    for wing in Self.wings {
      folders += try FileManager.default.contentsOfDirectory(atPath: "\(repositoryRoot)/Sources/\(wing)")
        .map { "Sources/\(wing)/\($0)" }
    }
    #expect(folders.sorted() == paths.sorted())
  }

  /// A room's tests stand in the same wing.
  @Test func testsMirrorTheRooms() throws {
    let targets = try Package.read().targets
    for tests in targets where tests.type == "test" {
      let room = tests.name.dropLast("Tests".count)
      guard let path = targets.first(where: { $0.name == room })?.path else { continue }
      #expect(tests.path == path.replacingOccurrences(of: "Sources/", with: "Tests/") + "Tests")
    }
  }

  /// The page has a row for every room, in the order of Package.swift, with what it may import.
  @Test func thePageListsTheRoomsAndTheirImports() throws {
    let listed = try rowsOfTheRooms()
    let rooms = try Package.read().targets
      .filter { $0.path?.hasPrefix("Sources/") == true && ["regular", "executable"].contains($0.type) }
      .filter { !$0.name.isCRoom }
    #expect(listed.map { $0[0] } == rooms.map(\.name))
    for (row, room) in zip(listed, rooms) where row[0] == room.name {
      let named = row[row.count - 1].components(separatedBy: ", ").filter { $0 != "–" }
      let declared = room.dependencies.compactMap(\.name).filter { $0 != "Reporting" }
      #expect(named.sorted() == declared.sorted(), "docs/flow.md, what \(room.name) may import")
    }
  }

  /// The cells of each.
  private func rowsOfTheRooms() throws -> [[String]] {
    let page = try String(contentsOfFile: repositoryRoot + "/docs/flow.md", encoding: .utf8)
    let table = page.components(separatedBy: "## The rooms")[1].components(separatedBy: "\n## ")[0]
    return table.split(separator: "\n").filter { $0.hasPrefix("| ") }.dropFirst()
      .map { row in row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) } }
  }
}
