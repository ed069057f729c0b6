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

  @Option(
    help: ArgumentHelp(
      "With --captions: scores that other programs have computed of them (METEOR, SPICE); JSON, of all or of each image.",
      valueName: "file"))
  var scores: String?

  @Option(
    help: ArgumentHelp(
      "Score captions by this model's features too (CLIPScore, RefCLIPScore); with --captions, --images says where the photos are.",
      valueName: "model"))
  var clipScore: String?

  @Option(
    help: ArgumentHelp(
      "The photos of --captions: a folder, an archive or a prepared set, for --clip-score.", valueName: "path"))
  var images: String?

  var isGiven: Bool { captions != nil }

  func validate() throws {
    if (captions == nil) != (references == nil) { throw ValidationError("give --captions and --references together") }
    if frequencies != nil, captions == nil { throw ValidationError("--frequencies is for --captions; give both") }
    if scores != nil, captions == nil { throw ValidationError("--scores is for --captions; give both") }
    if images != nil, captions == nil || clipScore == nil {
      throw ValidationError("--images is for --captions with --clip-score; give all three")
    }
    if clipScore != nil, captions != nil, images == nil {
      throw ValidationError("--clip-score looks at the photos of --captions; name their folder with --images")
    }
  }

  /// - Throws: the errors of `scoreCaptions`.
  func scored(threads: Int) throws -> CaptionMetrics {
    let logger = makeLogger(rank: nil)
    var files = CaptionFiles(captions: captions ?? "", references: references ?? "")
    (files.frequencies, files.scores, files.threads) = (frequencies, scores, threads)
    if let clipScore, let images { files.judge = (images, try modelPath(clipScore), clipScore) }
    return try scoreCaptions(of: files) { logger.warning("\($0)") }
  }
}
