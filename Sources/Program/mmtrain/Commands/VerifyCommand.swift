internal import ArgumentParser
internal import Collectives
internal import Foundation
internal import Launching
internal import Reporting
internal import Verification

/// `mmtrain verify`: whether this machine, or a model, computes what other programs compute.
struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Compare this machine's results, or a model's, with those of other programs.",
    discussion: """
      mmtrain verify
      mmtrain verify --json
      mmtrain verify --model exported/ --case case.safetensors

      A tokenizer, photos and a transformer block with its gradients, at every
      kernel level that this processor has, against what Python's tokenizers,
      Pillow and PyTorch made of them. It needs no files and takes a moment.
      Ends with 70 if anything is wrong.

      With --case it runs a model on the inputs in a file and compares every
      output, loss and gradient that the file holds; docs/verification.md has
      their names. No tokenizer has to be there. Ends with 65 if one differs.
      """)

  @Option(help: .model)
  var model: String?

  @Option(
    name: .customLong("case"),
    help: ArgumentHelp("Inputs, outputs, losses and gradients as safetensors.", valueName: "file"))
  var caseFile: String?

  @Option(
    help: ArgumentHelp(
      "The largest difference from --case, in parts of an array's largest value; 1e-4 by default.", valueName: "x"))
  var tolerance: Double?

  @Option(help: ArgumentHelp("Threads for --case; by default one for each core.", valueName: "n"))
  var threads: Int?

  @Flag(help: "Print one JSON document.")
  var json = false

  func validate() throws {
    if model != nil, caseFile == nil {
      throw ValidationError("--model needs --case, which says what to compare it with")
    }
    if caseFile != nil, model == nil { throw ValidationError("--case needs --model, which says what to run") }
    if caseFile == nil, tolerance != nil || threads != nil {
      throw ValidationError("--tolerance and --threads go with --case")
    }
    if let tolerance, !(tolerance > 0 && tolerance.isFinite) {
      throw ValidationError("--tolerance must be above 0")
    }
    if let threads, !(1...4096).contains(threads) { throw ValidationError("--threads must be from 1 to 4096") }
  }

  func run() throws {
    if let model, let caseFile { return try run(model, caseFile) }
    let checks = verify()
    try printResult(json ? checks.json.document : checks.table)
    let failed = checks.filter { !$0.isRight }.map(\.name)
    if !failed.isEmpty { throw VerificationError(failed: failed) }
  }

  private func run(_ model: String, _ caseFile: String) throws {
    let threads = rankThreads(requested: threads, detectLaunch(ProcessInfo.processInfo.environment))
    let report = try verify(
      model: modelPath(model), case: caseFile, tolerance: tolerance ?? 1e-4, threads: threads)
    try printResult(json ? report.json.document : report.table)
    if !report.differing.isEmpty { throw CaseDifference(report) }
  }
}
