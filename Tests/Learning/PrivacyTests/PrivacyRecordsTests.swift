import Files
import Foundation
import Privacy
import Reporting
import TestSupport
import Testing

/// A secret and its ledger, which belong together.
@Suite struct PrivacyRecordsTests {
  private let place: TemporaryDirectory
  private let binding = PrivacyLedger.Binding(
    unit: .image, units: 1000, batch: 50, clip: 0.5, delta: 1e-5, data: "d", plan: "p", program: "m", machine: "c",
    secret: "")

  init() throws { place = try TemporaryDirectory() }

  @discardableResult
  private func take(
    _ steps: ClosedRange<Int>? = nil, from taken: Int = 0, _ change: (inout PrivacyLedger.Binding) -> Void = { _ in }
  ) throws -> PrivacyRecords {
    var binding = binding
    change(&binding)
    let records = try PrivacyRecords(
      in: place.path, binding, steps: taken,
      chain: taken == 0 ? nil : try PrivacyLedger(path: place("privacy.jsonl")).chain)
    for step in steps.map(Array.init) ?? [] { try records.ledger.record(step: step, noise: 1.1, sum: "s\(step)") }
    return records
  }

  private func counted() throws -> [Int] { try PrivacyLedger(path: place("privacy.jsonl")).run.map(\.steps) }

  @Test func whatGoesOnHasTheSameSecret() throws {
    let first = try take(1...5)
    let again = try take(4...7, from: 3)
    #expect(again.secret == first.secret && again.noise == 1.1 && again.notes.isEmpty)
    #expect(try counted() == [7])
  }

  /// Where the bits of a step may be others, draws and noise are, and what is taken again counts again; on the way back, too.
  @Test func anotherMachineHasAnotherSecret() throws {
    let first = try take(1...5)
    let other = try take(4...7, from: 3) { $0.machine = "other" }
    #expect(other.secret != first.secret && other.notes.count == 1)
    #expect(other.notes[0].hasPrefix("on another machine, or with another number of threads"))
    #expect(try counted() == [5, 4])
    let back = try take(8...8, from: 7)
    #expect(back.secret != first.secret && back.secret != other.secret)
    #expect(try counted() == [5, 4, 1])
  }

  /// Two copies that go on in two places, as different machines, have different noise.
  @Test func copiesDoNotShareNoise() throws {
    try take(1...5)
    let copy = try TemporaryDirectory()
    for name in ["privacy.jsonl", "privacy.key"] {
      try writeAtomically(readFile(place(name)), to: copy(name))
      chmod(copy(name), 0o600)
    }
    let chain = try PrivacyLedger(path: copy("privacy.jsonl")).chain
    let own = try take(6...6, from: 5) { $0.machine = "one" }
    var binding = binding
    binding.machine = "two"
    let other = try PrivacyRecords(in: copy.path, binding, steps: 5, chain: chain)
    #expect(other.secret != own.secret)
  }

  /// Before the first step anything may change; after it, wherever it was taken, nothing.
  @Test func whatNothingWasTakenOfMayChange() throws {
    let first = try take()
    let other = try take { ($0.data, $0.plan) = ("x", "q") }
    #expect(other.secret != first.secret)
    try take(1...2)
    try take(from: 2) { $0.machine = "other" }
    for change in ["data", "plan", "program", "clip"] {
      let error = #expect(throws: PrivacyError.self) {
        try take(from: 2) { binding in
          switch change {
          case "data": binding.data = "x"
          case "plan": binding.plan = "x"
          case "program": binding.program = "x"
          default: binding.clip = 7
          }
        }
      }
      #expect(error?.exitCode == .configuration, "\(change)")
    }
    #expect(try counted() == [2])
  }

  /// Weights that were saved under another ledger are none of this one's.
  @Test(arguments: ["", "0123"]) func anotherHistory(chain: String) throws {
    try take(1...9)
    let error = #expect(throws: PrivacyError.self) {
      try PrivacyRecords(in: place.path, binding, steps: 5, chain: chain.isEmpty ? nil : chain)
    }
    #expect(error == .otherHistory(path: place("privacy.jsonl"), step: 5))
  }

  /// A step that comes out otherwise than before is refused, and who goes on then does so with another noise.
  @Test func aStepThatComesOutOtherwise() throws {
    let first = try take(1...5)
    let again = try take(4...4, from: 3)
    let error = #expect(throws: PrivacyError.self) { try again.ledger.record(step: 5, noise: 1.1, sum: "other") }
    #expect(error == .otherStep(path: place("privacy.jsonl"), step: 5))
    let other = try take(4...7, from: 3)
    #expect(other.secret != first.secret && !other.goesOn)
    #expect(try counted() == [5, 4])
  }

  /// A line that was not finished is said, and its step is taken.
  @Test func aTornLineIsSaid() throws {
    try take(1...3)
    let whole = try readFile(place("privacy.jsonl"))
    try writeAtomically(whole.dropLast(9), to: place("privacy.jsonl"))
    let records = try take(3...3, from: 2)
    #expect(records.notes.count == 1 && records.notes[0].contains("not finished"))
    #expect(try readFile(place("privacy.jsonl")) == whole)
  }
}
