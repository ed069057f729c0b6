internal import ArgumentParser
internal import Reporting

/// `mmtrain doctor`: what this machine offers, and what stands in the way of speed.
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Tell what this machine offers and what is in the way.",
    discussion: """
      mmtrain doctor
      mmtrain doctor --ranks 4 --threads 2
      mmtrain doctor --json

      Warnings do not change the exit code.
      """)

  @Option(help: ArgumentHelp("Ranks that you want to run here.", valueName: "n"))
  var ranks = 1

  @Option(help: ArgumentHelp("Threads of a rank.", valueName: "n"))
  var threads: Int?

  @Option(help: ArgumentHelp("Where runs will be written.", valueName: "dir"))
  var output = "."

  @Flag(help: "Print one JSON document.")
  var json = false

  func validate() throws {
    guard (1...4096).contains(ranks) else { throw ValidationError("--ranks must be from 1 to 4096") }
    if let threads, !(1...4096).contains(threads) { throw ValidationError("--threads must be from 1 to 4096") }
  }

  func run() throws {
    let examination = try Examination(ranks: ranks, threads: threads, output: output)
    try printResult(json ? examination.json.document : examination.text)
  }
}
