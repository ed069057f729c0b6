internal import ArgumentParser
internal import Evaluation
internal import Logging
internal import Reporting
internal import Training

/// Captions of anybody's that `evaluate` scores in the place of a model.
struct CaptionFileOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Score these captions, of whatever model, beside --references; JSON as COCO has its results.", valueName: "file"))
  var captions: String?

  @Option(
    help: ArgumentHelp("What people said of the same images; JSON as COCO has its captions.", valueName: "file"))
  var references: String?

  @Option(
    help: ArgumentHelp(
      "References of other images that tell how rare words are (CIDEr-D); by default those of --references.",
      valueName: "file"))
  var frequencies: String?

  var isGiven: Bool { captions != nil }

  func validate() throws {
    if (captions == nil) != (references == nil) { throw ValidationError("give --captions and --references together") }
    if frequencies != nil, captions == nil { throw ValidationError("--frequencies is for --captions; give both") }
  }

  /// - Throws: the errors of `scoreCaptions`.
  func scored() throws -> CaptionMetrics {
    let logger = makeLogger(rank: nil)
    return try scoreCaptions(of: captions ?? "", references: references ?? "", frequencies: frequencies) {
      logger.warning("\($0)")
    }
  }
}
