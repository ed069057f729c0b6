import Files
import Foundation
import Preparation
import Scenes
import TestSupport

/// What several tests need: made when the first of them asks, and removed when the tests end.
struct Workshop: Sendable {
  private let directory: TemporaryDirectory
  /// Prepared scenes: 64 for training (four batches of 16), 16 for validation, 14 for testing, which no even number of
  /// ranks above 2 divides.
  let data: String
  /// The same scenes under another name: not the same data set.
  let otherData: String
  /// The directory of `TinyRun.long`, run on two ranks without a break.
  let unbroken: String

  /// - Throws: why it could not be made, every time.
  static func open() throws -> Workshop { try made.get() }

  private static let made: Result<Workshop, any Error> = Result {
    let workshop = try Workshop()
    atexit { try? removeTree(Workshop.made.get().directory.path) }
    return workshop
  }

  private init() throws {
    directory = try TemporaryDirectory()
    (data, otherData, unbroken) = (directory("scenes"), directory("others"), directory("unbroken"))
    let zip = directory("scenes.zip")
    try writeScenes(to: zip, settings: SceneSettings(train: 64, validation: 16, test: 14, imageSize: 48))
    for (name, output) in [("scenes", data), ("others", otherData)] {
      var request = PreparationRequest(source: .archive(path: zip), output: output, threads: 1)
      request.name = name
      request.tokenizer = .train(vocabularySize: 600)
      try prepare(request)
    }
    let result = try Ranks(2).run(TinyRun.long(data: data, output: unbroken).arguments)
    guard result.status == 0 else { throw WorkshopError(result: result) }
  }
}

/// The run that others are compared with failed.
private struct WorkshopError: Error, CustomStringConvertible {
  let result: ProcessResult

  var description: String { "the unbroken run ended with \(result.status): \(result.errors)" }
}
