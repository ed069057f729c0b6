import Files
import Foundation
import Privacy
import Reporting
import TestSupport
import Testing

@Suite struct PrivacyLedgerTests {
  private let place: TemporaryDirectory
  private let path: String
  private let binding = PrivacyLedger.Binding(
    unit: .image, units: 1000, batch: 50, clip: 0.5, delta: 1e-5, data: "d", plan: "p", program: "m", machine: "c",
    secret: "s")

  init() throws {
    place = try TemporaryDirectory()
    path = place("ledger.jsonl")
  }

  private func take(_ steps: ClosedRange<Int>, noise: Double = 1.1, _ binding: PrivacyLedger.Binding? = nil) throws {
    let file = try PrivacyLedgerFile(path, binding ?? self.binding)
    for step in steps { try file.record(step: step, noise: noise, sum: "x") }
  }

  private func phase(_ steps: Int, noise: Double = 1.1) -> SampledGaussian {
    SampledGaussian(rate: 0.05, noise: noise, steps: steps)
  }

  /// What is there is read again, and goes on; the file is its owner's alone.
  @Test func whatWasTakenIsThere() throws {
    try take(1...3)
    try take(4...5)
    try take(6...6, noise: 2)
    let ledger = try PrivacyLedger(path: path)
    #expect(ledger.run == [phase(5), phase(1, noise: 2)])
    #expect(ledger.sections.map(\.binding) == [binding])
    #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
  }

  /// After a crash steps are taken again: with the same noise that is the same release, with another secret it is one more.
  @Test func whatIsTakenAgain() throws {
    try take(1...5)
    try take(4...6)
    #expect(try PrivacyLedger(path: path).run == [phase(6)])
    // With another noise it would tell the difference.
    #expect(throws: PrivacyError.otherStep(path: path, step: 6)) { try take(6...6, noise: 2) }
    #expect(try PrivacyLedger(path: path).run == [phase(6)])
    var other = binding
    other.secret = "t"
    try take(5...7, other)
    #expect(try PrivacyLedger(path: path).run == [phase(6), phase(3)])
    // Going back to the first secret is refused: which of its steps could be taken again is not known any more.
    #expect(throws: PrivacyError.self) { try PrivacyLedgerFile(path, binding) }
  }

  /// The same noise on another gradient would tell the difference.
  @Test(arguments: ["other data", "another build", "another configuration"])
  func nothingElseUnderOneSecret(words: String) throws {
    try take(1...2)
    var other = binding
    switch words {
    case "other data": other.data = "x"
    case "another build": other.program = "x"
    default: other.plan = "x"
    }
    let error = try #require(throws: PrivacyError.self) { try PrivacyLedgerFile(path, other) }
    #expect("\(error)".contains(words), "\(error)")
    other = binding
    other.clip = 0.6
    #expect(throws: PrivacyError.otherBinding(path: path, difference: "another privacy plan")) {
      try PrivacyLedgerFile(path, other)
    }
    #expect(try PrivacyLedger(path: path).run == [phase(2)])
  }

  /// A process that dies leaves whole lines, and perhaps the beginning of one more, whose step was not used.
  @Test func wherverAProcessDies() throws {
    try take(1...4)
    let bytes = try readFile(path)
    for end in 1..<bytes.count {
      try removeTree(path)
      try writeAtomically(bytes[..<end], to: path)
      let whole = bytes[..<end].count { $0 == UInt8(ascii: "\n") }
      if whole > 0 {
        #expect(try PrivacyLedger(path: path).run == (whole == 1 ? [] : [phase(whole - 1)]))
      } else {
        #expect(throws: PrivacyError.self) { try PrivacyLedger(path: path) }
      }
      try take(max(whole, 1)...5)
      #expect(try PrivacyLedger(path: path).run == [phase(5)])
    }
  }

  /// Lines that are changed, missing, twice or in another order.
  @Test func whatWasChangedIsRefused() throws {
    try take(1...4)
    let lines = String(decoding: try readFile(path), as: UTF8.self).split(separator: "\n").map(String.init)
    func refused(_ changed: [String]) throws -> Bool {
      try writeAtomically((changed.joined(separator: "\n") + "\n").utf8, to: path)
      do {
        _ = try PrivacyLedger(path: path)
        return false
      } catch let error as PrivacyError {
        #expect(error.exitCode == .badData)
        return true
      }
    }
    for place in 0..<4 {
      #expect(try refused(Array(lines[..<place]) + Array(lines[(place + 1)...])), "line \(place) is missing")
      var swapped = lines
      swapped.swapAt(place, place + 1)
      #expect(try refused(swapped), "lines \(place) and its neighbour")
      #expect(try refused(Array(lines[...place]) + Array(lines[place...])), "line \(place) twice")
    }
    for place in lines.indices {
      for index in lines[place].indices where lines[place][index].isNumber {
        var line = lines[place]
        line.replaceSubrange(index...index, with: line[index] == "7" ? "8" : "7")
        #expect(try refused(Array(lines[..<place]) + [line] + Array(lines[(place + 1)...])), "\(line)")
      }
    }
    #expect(try refused(["", "{}"]))
    #expect(try !refused(lines))
  }

  /// A step that could not be written must not be used, and is not there afterwards.
  @Test func aFullDisk() throws {
    let file = try PrivacyLedgerFile(path, binding)
    try file.record(step: 1, noise: 1.1, sum: "x")
    let full = DiskHook { call, path in throw FileError.system(call: call, path: path, code: 28) }
    #expect(throws: FileError.self) { try withDiskHook(full) { try file.record(step: 2, noise: 1.1, sum: "x") } }
    #expect(try PrivacyLedger(path: path).run == [phase(1)] && file.ledger.run == [phase(1)])
    try file.record(step: 2, noise: 1.1, sum: "x")
    #expect(try PrivacyLedger(path: path).run == [phase(2)])
  }
}
