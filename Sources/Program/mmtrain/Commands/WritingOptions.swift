internal import ArgumentParser
internal import Models

/// How a model is to write texts. What nobody says is as its task has it.
struct WritingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Go on with so many texts side by side and take the best, 1 to 64; 1 takes the likeliest token each time.",
      valueName: "n"))
  var beams: Int?

  @Option(
    help: ArgumentHelp(
      "Draw each token of the likeliest that together have this probability, above 0 and at most 1; what is drawn hangs on --seed and the "
        + "photo's file name alone.",
      valueName: "p"))
  var nucleus: Double?

  @Option(help: ArgumentHelp("With --nucleus: what logits are divided by before (default: 1).", valueName: "t"))
  var temperature: Double?

  @Option(help: ArgumentHelp("With --nucleus: what seeds the draws (default: 0).", valueName: "n"))
  var seed: UInt64?

  @Option(
    help: ArgumentHelp(
      "α: the best of several texts has the highest Σ ln p / n^α over the n tokens that were written, the closing one counted. 0 favours short "
        + "texts, 1 is the mean of a token, more favours long ones (default: 1).",
      valueName: "α"))
  var lengthReward: Double?

  @Option(
    help: ArgumentHelp("Never write the same n tokens in a row twice in a text; 0 allows all.", valueName: "n"))
  var blockRepetition: Int?

  @Option(
    help: ArgumentHelp(
      "Divide logits of tokens that a text has already by this where they are positive, multiply them where they are negative; 1 changes "
        + "nothing.",
      valueName: "x"))
  var repetitionPenalty: Double?

  @Option(
    help: ArgumentHelp(
      "Fewest tokens of a text before it may be closed; what opens it and the prompt are counted.", valueName: "n"))
  var minimumLength: Int?

  @Option(
    help: ArgumentHelp(
      "Most tokens of a text; what opens it, the prompt and what closes it are counted.", valueName: "n"))
  var maximumLength: Int?

  @Option(help: ArgumentHelp("What each text begins with.", valueName: "text"))
  var prompt: String?

  var request: WritingRequest {
    var request = WritingRequest()
    (request.beams, request.nucleus, request.temperature, request.seed) = (beams, nucleus, temperature, seed)
    (request.lengthReward, request.blockedRepetition) = (lengthReward, blockRepetition)
    (request.repetitionPenalty, request.prompt) = (repetitionPenalty, prompt)
    (request.minimumLength, request.maximumLength) = (minimumLength, maximumLength)
    return request
  }

  func validate() throws {
    if let flaw = request.flaw { throw ValidationError("no texts can be written so: \(flaw)") }
  }
}
