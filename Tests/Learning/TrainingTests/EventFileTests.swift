import Files
import Foundation
import Reporting
import TestSupport
import Testing
import Training

/// Event files beside those of tensorboard's own writer (`Tests/Golden/events.py`).
@Suite struct EventFileTests {
  private let place: TemporaryDirectory

  init() throws { place = try TemporaryDirectory() }

  private func golden() throws -> [String: String] {
    try JSONDecoder().decode([String: String].self, from: Data(readFile(goldenDirectory + "/events.json")))
  }

  /// What is written at these times, after the record of the version.
  private func written(at time: Double, _ write: (EventFile) -> Void) throws -> String {
    var times = [1, 1.0, time][...]
    let now = { times.popFirst() ?? time }
    let file = EventFile(directory: place(""), after: 0, now: now) { Issue.record("\($0)") }
    let version = try readFile(file.path)
    write(file)
    return hexadecimal(try readFile(file.path).dropFirst(version.count))
  }

  private func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  @Test func checksumsAreCastagnolis() {
    #expect(castagnoli(Array("123456789".utf8)) == 0xe306_9283)
    #expect(maskedChecksum(Array("123456789".utf8)) == 0xc78a_b0e5)
  }

  @Test func recordsAreThoseOfTensorBoard() throws {
    let golden = try golden()
    var file: EventFile?
    _ = try written(at: 1) { file = $0 }
    #expect(hexadecimal(try readFile(try #require(file).path)).hasPrefix(try #require(golden["version"])))
    #expect(try written(at: 2) { $0.write(step: 7, [("loss/train", .scalar(0.5))]) } == golden["scalar"])
    #expect(try written(at: 3.5) { $0.write(step: 300, [("texts", .text("A dog – running"))]) } == golden["text"])
    let picture = [UInt8](0..<200)
    #expect(
      try written(at: 5) { $0.write(step: 70_000, [("photos/a.jpg", .picture(picture, width: 300, height: 2))]) }
        == golden["picture"])
    #expect(try written(at: 6) { $0.begin(at: 101) } == golden["start"])
  }

  /// What an earlier start has shown of steps that are taken again is forgotten.
  @Test func aStartThatGoesOnSaysSo() throws {
    let now = { 6.0 }
    let file = EventFile(directory: place(""), after: 100, now: now) { Issue.record("\($0)") }
    #expect(hexadecimal(try readFile(file.path)).hasSuffix(try #require(golden()["start"])))
  }

  @Test func histogramsAreThoseOfTensorBoard() throws {
    let values: [Float] = [-1, -0.5, -0.25, 0, 0, 0.125, 0.5, 0.75, 2]
    let histogram = values.withUnsafeBufferPointer { ValueHistogram($0, buckets: 4) }
    #expect(histogram.buckets == [3, 4, 1, 1] && histogram.limits == [-0.25, 0.5, 1.25, 2])
    #expect(
      try written(at: 4) { $0.write(step: 1, [("weights/a", .histogram(histogram))]) } == golden()["histogram"])
  }

  @Test func histogramsOfOddValues() {
    let odd: [Float] = [.nan, 1, .infinity, 1]
    let same = odd.withUnsafeBufferPointer { ValueHistogram($0, buckets: 3) }
    #expect(same.count == 2 && same.buckets.reduce(0, +) == 2 && same.least == 1 && same.largest == 1)
    let none = UnsafeBufferPointer<Float>(start: nil, count: 0)
    #expect(ValueHistogram(none).count == 0)
  }

  /// Numbers by the way to them, members of lists by their names, and what is no number as words.
  @Test func linesOfTheLogBecomeTags() throws {
    let members: [(String, OrderedJSON)] = [
      ("step", .integer(7)), ("loss", .float(0.5)), ("losses", .object([("matching", .number(2)), ("gone", .null)])),
      ("modalities", .list([.object([("name", .text("image")), ("score", .number(0.25))]), .integer(3)])),
      ("text", .text("words")), ("texts", .list([.text("apart")])),
    ]
    let values: [(String, SummaryValue)] = [
      ("step/loss", .scalar(0.5)), ("step/losses/matching", .scalar(2)), ("step/modalities/image/score", .scalar(0.25)),
      ("step/text", .text("words")),
    ]
    #expect(
      try written(at: 2) { $0.write(event: "step", members) } == written(at: 2) { $0.write(step: 7, values) })
    #expect(try written(at: 2) { $0.write(event: "odd", [("loss", .float(1))]) }.isEmpty, "of no step")
  }

  @Test(arguments: ["/dev/full", nowhere])
  func whatCannotBeWrittenWarnsOnce(directory: String) {
    var warnings: [String] = []
    let file = EventFile(directory: directory, after: 0) { warnings.append($0) }
    for step in 1...3 { file.write(step: step, [("a", .scalar(1))]) }
    #expect(warnings.count == 1 && warnings[0].contains("cannot write events for TensorBoard"))
  }
}
