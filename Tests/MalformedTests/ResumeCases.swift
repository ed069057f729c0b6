import Files
import Foundation
import Testing

/// Runs whose newest checkpoint is whole by its DONE, but says what no run can go on from.
let resumeCases: [MalformedCase] =
  [
    state("a list", "state.json cannot be read") { _ in "[]" },
    state("an open brace", "state.json cannot be read") { _ in "{" },
    state("a later format", "its format is 2") { replaced($0, #""format" : 1"#, #""format" : 2"#) },
    state("no step", "state.json cannot be read") { replaced($0, #""step" : 2"#, #""stop" : 2"#) },
    state("a step in quotes", "state.json cannot be read") { replaced($0, #""step" : 2"#, #""step" : "2""#) },
    state("a negative epoch", code: 66, "cannot go on at epoch -1") { replaced($0, #""epoch" : 0"#, #""epoch" : -1"#) },
    state("an epoch of 2^63 - 1", code: 66, "cannot go on at epoch") {
      replaced($0, #""epoch" : 0"#, #""epoch" : 9223372036854775807"#)
    },
    state("another data set", "it was trained on another data set") {
      replaced($0, #""dataFingerprint" : ""#, #""dataFingerprint" : "0"#)
    },
    state("a configuration that is none", "configuration") {
      replaced($0, #""configuration" : ""#, #""configuration" : "nonsense: 1\n"#)
    },
    state("seconds in quotes", "state.json cannot be read") {
      replaced($0, #""seconds" : "#, #""seconds" : "x", "s" : "#)
    },
  ]
  + [
    resumed("another batch", ["batch.global=3"], "batch.global") { _ in },
    resumed("another model", ["model.text.layers=1"], "model.text.layers") { _ in },
  ]
  + [
    // Held against DONE, which says step 2.
    state("nothing", "state.json") { _ in "" },
    state("a negative step", "step") { replaced($0, #""step" : 2"#, #""step" : -2"#) },
    state("a step of 2^63 - 1", "step") { replaced($0, #""step" : 2"#, #""step" : 9223372036854775807"#) },
    state("another step than its DONE's", "step") { replaced($0, #""step" : 2"#, #""step" : 1"#) },
  ]

/// How the run of the fixtures was begun, and is gone on with: by paths that are the same for both.
enum ResumeCommand {
  static func settings(steps: Int) -> [String] {
    ["data.path=../in/prepared", "schedule.steps=\(steps)", "schedule.warmup_steps=0", "batch.global=2"]
  }

  static func arguments(_ more: [String] = []) -> [String] {
    ["train", "--output", "../in/run", "--threads", "1"] + (settings(steps: 3) + more).flatMap { ["--set", $0] }
  }
}

private func resumed(
  _ what: String, _ more: [String] = [], code: Int32 = 78, _ key: String,
  _ change: @escaping @Sendable (Inputs) throws -> Void
) -> MalformedCase {
  var malformed = MalformedCase("resume: " + what, ResumeCommand.arguments(more), code, key) { inputs in
    try inputs.copy(Fixtures.shared().prepared, to: "prepared")
    try inputs.copy(Fixtures.trained(), to: "run")
    try change(Inputs(path: inputs("run/checkpoints/step-0000002")))
  }
  malformed.owns = "in/run"
  return malformed
}

/// Changes the text of state.json, and DONE with it, so that state.json is what has to be caught.
private func state(
  _ what: String, code: Int32 = 78, _ key: String, _ change: @escaping @Sendable (String) throws -> String
) -> MalformedCase {
  resumed("a state with " + what, code: code, key) { checkpoint in
    let name = "training_state/state.json"
    let old = try readFile(checkpoint(name))
    let new = Array(try change(String(decoding: old, as: UTF8.self)).utf8)
    try checkpoint.write(new, to: name)
    try checkpoint.replace(
      #""sha256":"\#(sha256(old))","size":\#(old.count)"#, by: #""sha256":"\#(sha256(new))","size":\#(new.count)"#,
      in: "DONE")
  }
}

private func replaced(_ text: String, _ old: String, _ new: String) -> String {
  precondition(text.contains(old), "state.json does not hold \(old): \(text)")
  return text.replacingOccurrences(of: old, with: new)
}
