import Files
import Foundation
import Launching
import TestSupport
import Testing

@Suite struct RunTraceTests {
  private let directory: TemporaryDirectory
  private var log: String { directory("metrics.jsonl") }

  init() throws { directory = try TemporaryDirectory() }

  /// A step that was skipped names the samples of its whole batch.
  @Test func aLongLineDoesNotHideTheStepBeforeIt() throws {
    let trace = RunTrace(directory.path)
    let samples = (0..<20_000).map { "\"sample-\($0)-of-a-large-batch\"" }.joined(separator: ",")
    let lines = [
      #"{"event":"step","step":119,"loss":1}"#, #"{"event":"step","step":120,"loss":1}"#,
      #"{"event":"unsound_step","step":121,"samples":["# + samples + "]}",
    ]
    try writeAtomically(Array((lines.joined(separator: "\n") + "\n").utf8), to: log)
    #expect(trace.newestStep == 120)
  }

  @Test func stepsOfEarlierStartsDoNotCount() throws {
    try writeAtomically(Array(#"{"event":"step","step":7}"#.utf8) + [10], to: log)
    let trace = RunTrace(directory.path)
    #expect(trace.newestStep == nil)
  }

  /// `--resume never` is left out of a restart once there is something to go on from, with links and without.
  @Test func theFirstCheckpointShowsWithoutLinks() throws {
    #expect(RunTrace.newestCheckpoint(of: directory.path) == nil)
    try makeDirectory(directory("checkpoints/step-0000002"))
    let first = RunTrace.newestCheckpoint(of: directory.path)
    #expect(first != nil)
    try makeDirectory(directory("checkpoints/step-0000004"))
    #expect(RunTrace.newestCheckpoint(of: directory.path) == first)
    try replaceLink(directory("last"), target: "checkpoints/step-0000004")
    #expect(RunTrace.newestCheckpoint(of: directory.path) != first)
  }
}
