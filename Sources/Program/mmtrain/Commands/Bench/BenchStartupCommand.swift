internal import ArgumentParser
internal import Files
internal import Foundation
internal import Launching
internal import Reporting

/// `mmtrain bench startup`: how long this program takes until it has said or done something.
struct BenchStartupCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "startup", abstract: "Time the start of the program, and of a run up to its first step.",
    discussion: "mmtrain bench startup --data prepared/flickr8k --preset small")

  @Option(help: ArgumentHelp("A prepared data set; without one only --help is timed.", valueName: "dir"))
  var data: String?

  @Option(help: ArgumentHelp("The preset of the run.", valueName: "name"))
  var preset = "small"

  @Option(help: ArgumentHelp("Repetitions, of which the median is shown.", valueName: "n"))
  var repetitions = 5

  @Flag(help: "Print one JSON document.")
  var json = false

  func validate() throws {
    guard (1...1000).contains(repetitions) else { throw ValidationError("--repetitions must be from 1 to 1000") }
  }

  func run() throws {
    guard let program = executablePath() else {
      throw FileError.system(call: "realpath", path: "/proc/self/exe", code: errno)
    }
    var rows = [("--help", "help_seconds", try median { try seconds(program, ["--help"]) })]
    if let data {
      rows.append(("first step", "first_step_seconds", try median { try firstStep(program, data: data) }))
    }
    let facts = BenchFacts(threads: Machine.current().usableCores)
    if json {
      try printResult(OrderedJSON.object(facts.members + rows.map { ($0.1, .number($0.2)) }).document)
    } else {
      try printResult(
        facts.line + rows.map { column($0.0, 14, left: true) + column(decimals($0.2, 3), 8) + " s\n" }.joined())
    }
  }

  private func median(_ measure: () throws -> Double) throws -> Double {
    let times = try (0..<repetitions).map { _ in try measure() }.sorted()
    return times[times.count / 2]
  }

  /// A whole run of one step without a validation, its checkpoint taken off.
  private func firstStep(_ program: String, data: String) throws -> Double {
    let directory = FileManager.default.temporaryDirectory.path + "/mmtrain-startup-\(UUID().uuidString)"
    defer { try? removeTree(directory) }
    let settings = [
      "model.name=clip", "model.preset=\(preset)", "data.path=\(data)", "schedule.steps=1", "schedule.warmup_steps=0",
      "evaluation.split=none", "evaluation.every_epochs=0",
    ]
    let total = try seconds(program, ["train", "--output", directory] + settings.flatMap { ["--set", $0] })
    return total - savingSeconds(directory)
  }

  private func savingSeconds(_ directory: String) -> Double {
    let log = (try? String(contentsOfFile: directory + "/metrics.jsonl", encoding: .utf8)) ?? ""
    return log.split(separator: "\n").compactMap { line -> Double? in
      let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      return object?["event"] as? String == "checkpoint" ? object?["seconds"] as? Double : nil
    }.reduce(0, +)
  }

  private func seconds(_ program: String, _ arguments: [String]) throws -> Double {
    let start = monotonicSeconds()
    _ = try outputOfChild(program, arguments)
    return monotonicSeconds() - start
  }
}
