internal import Files
internal import Foundation
internal import Reporting

/// How long a step of each variant takes here, for studies in which all train equally long. Measured once and kept, so that the study goes on
/// with the same numbers of steps.
public struct StudyPaces: Codable, Sendable, Equatable {
  /// Seconds of a step by recipe and set.
  private var seconds: [String: Double] = [:]

  /// Steps that are tried, the first quarter of which does not count.
  public static let triedSteps = 24

  public init() {}

  /// Those that a study has kept; nil where it has none.
  public init?(in directory: String) throws {
    let path = Self.path(in: directory)
    guard fileExists(path) else { return nil }
    do {
      self = try JSONDecoder().decode(StudyPaces.self, from: Data(readFile(path, limit: 1 << 20)))
    } catch let error as DecodingError {
      throw StudyError.damaged(path: path, problem: "\(error)")
    }
  }

  private static func path(in directory: String) -> String { directory + "/paces.json" }

  public func write(in directory: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    try writeAtomically(encoder.encode(self) + [10], to: Self.path(in: directory))
  }

  public func contains(recipe: String, set: String?) -> Bool { seconds[Self.key(recipe, set)] != nil }

  public mutating func set(_ value: Double, recipe: String, set: String?) { seconds[Self.key(recipe, set)] = value }

  private static func key(_ recipe: String, _ set: String?) -> String { recipe + (set.map { " on \($0)" } ?? "") }

  func steps(recipe: String, set: String?, seconds goal: Double, _ plan: String) throws -> Int {
    guard let step = seconds[Self.key(recipe, set)] else {
      throw StudyError.recipe(plan: plan, name: recipe, problem: "how long a step takes was not measured")
    }
    let steps = Int(min(goal / max(step, 1e-6), 1e8))
    guard steps >= 1 else {
      throw StudyError.recipe(
        plan: plan, name: recipe,
        problem:
          "a step takes \(brief(step)) s, longer than the \(brief(goal)) s that it may train; raise seconds or lower batch.global"
      )
    }
    return steps
  }
}
