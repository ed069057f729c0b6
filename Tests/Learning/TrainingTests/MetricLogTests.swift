import Files
import Reporting
import TestSupport
import Testing
import Training

@Suite struct MetricLogTests {
  private let directory = "/tmp/mmtrain-metrics-\(monotonicSeconds())"
  private var path: String { directory + "/metrics.jsonl" }

  private let step = StepMetrics(
    step: 1, epoch: 0, loss: 0.1, losses: [("contrastive", 5.545177), ("matching", .nan)], learningRate: 1e-5,
    gradientNorm: 1.5, logitScale: 14.285714, samplesPerSecond: 123.456_789, stepSeconds: 0.123_456_789,
    dataSeconds: 0, communicationSeconds: 1e-7)

  init() throws { try makeDirectory(directory) }

  private func content() throws -> String { String(decoding: try readFile(path), as: UTF8.self) }

  @Test func aStepLineHasTheKeysOfTheContract() throws {
    defer { try? removeTree(directory) }
    let log = MetricLog(path: path) { Issue.record("\($0)") }
    log.write(step)
    #expect(
      try content() == """
        {"event":"step","step":1,"epoch":0,"loss":0.1,"losses":{"contrastive":5.545177,"matching":null},\
        "learning_rate":1e-05,"gradient_norm":1.5,"logit_scale":14.285714,"samples_per_second":123.457,\
        "step_seconds":0.123457,"data_seconds":0.0,"communication_seconds":0.0}

        """)
  }

  @Test func linesAreAppended() throws {
    defer { try? removeTree(directory) }
    for number in 1...3 {
      MetricLog(path: path) { Issue.record("\($0)") }.write(event: "resume", [("step", .integer(number))])
    }
    #expect(try content().split(separator: "\n").count == 3)
  }

  @Test(arguments: ["{\"event\":\"st", "x", String(repeating: "y", count: 10_000)])
  func halfALineIsCutOff(torn: String) throws {
    defer { try? removeTree(directory) }
    try writeAtomically(Array(("{}\n" + torn).utf8), to: path)
    MetricLog(path: path) { Issue.record("\($0)") }.write(event: "resume", [])
    #expect(try content() == "{}\n{\"event\":\"resume\"}\n")
  }

  @Test func afileOfOneTornLineBecomesEmpty() throws {
    defer { try? removeTree(directory) }
    try writeAtomically(Array(String(repeating: "y", count: 9000).utf8), to: path)
    MetricLog(path: path) { Issue.record("\($0)") }.write(event: "resume", [])
    #expect(try content() == "{\"event\":\"resume\"}\n")
  }

  @Test(arguments: ["/dev/full", "\(nowhere)/metrics.jsonl"])
  func aFailingWriteWarnsOnce(path: String) {
    var warnings: [String] = []
    let log = MetricLog(path: path) { warnings.append($0) }
    for _ in 0..<5 { log.write(step) }
    #expect(log.lostLines == 5)
    #expect(warnings.count == 1)
    let reason = path == "/dev/full" ? "No space left on device" : "No such file or directory"
    #expect(warnings.first?.hasPrefix("\(path): cannot write metrics: \(reason)") == true)
  }
}
