internal import Files
internal import Foundation
internal import Reporting

extension PrivacyLedger {
  /// Of what is written: another one is refused.
  static let format = 1
  /// Of a line without its hash, after the line before.
  private func hash(_ body: String) -> String { String(sha256(Array((chain + body).utf8)).prefix(32)) }

  // MARK: Writing

  mutating func line(beginning binding: Binding) -> String {
    sections.append(Section(binding: binding))
    return seal([
      ("format", .integer(Self.format)), ("unit", .text(binding.unit.rawValue)), ("units", .integer(binding.units)),
      ("batch", .integer(binding.batch)), ("clipped_to", .number(binding.clip)), ("delta", .number(binding.delta)),
      ("data", .text(binding.data)), ("plan", .text(binding.plan)), ("program", .text(binding.program)),
      ("machine", .text(binding.machine)), ("secret", .text(binding.secret)),
    ])
  }

  mutating func line(of step: Step) -> String {
    sections[sections.count - 1].steps.append(step)
    return seal([("step", .integer(step.step)), ("noise", .number(step.noise)), ("sum", .text(step.sum))])
  }

  private mutating func seal(_ members: [(String, OrderedJSON)]) -> String {
    chain = hash(OrderedJSON.object(members).line)
    return OrderedJSON.object(members + [("chain", .text(chain))]).line
  }

  // MARK: Reading

  private struct Beginning: Decodable { let format: Int }

  /// - Throws: `FileError` where the file cannot be read, `PrivacyError.ledger` for a line that is not as it was written.
  public init(path: String) throws {
    self.init()
    let lines = String(decoding: try readFile(path), as: UTF8.self).split(
      separator: "\n", omittingEmptySubsequences: false)
    // After the last line break there may be a line that was not finished: it was never there.
    for (number, line) in lines.dropLast().enumerated() {
      if let problem = take(line) { throw PrivacyError.ledger(path: path, line: number + 1, problem: problem) }
    }
    guard !sections.isEmpty else { throw PrivacyError.ledger(path: path, line: 1, problem: "nothing is there") }
  }

  /// - Returns: what is wrong with a line; nil where nothing is.
  private mutating func take(_ line: Substring) -> String? {
    let ending = ",\"chain\":\""
    guard line.hasSuffix("\"}"), let end = line.range(of: ending, options: .backwards) else { return "it has no hash" }
    let (body, told) = (String(line[..<end.lowerBound]) + "}", line[end.upperBound...].dropLast(2))
    guard hash(body) == told else { return "it is not as it was written, or lines before it are missing" }
    chain = String(told)
    let (decoder, bytes) = (JSONDecoder(), Data(body.utf8))
    if let beginning = try? decoder.decode(Beginning.self, from: bytes) {
      guard beginning.format == Self.format else { return "its format is \(beginning.format), not \(Self.format)" }
      guard let binding = try? decoder.decode(Binding.self, from: bytes), binding.isSound else {
        return "it does not say what steps have in common"
      }
      sections.append(Section(binding: binding))
      return nil
    }
    guard let step = try? decoder.decode(Step.self, from: bytes), step.step > 0, step.noise > 0, !sections.isEmpty
    else { return "it is no step" }
    sections[sections.count - 1].steps.append(step)
    return nil
  }
}

extension PrivacyLedger.Binding {
  fileprivate var isSound: Bool {
    units > 0 && (1...units).contains(batch) && clip > 0 && delta > 0 && delta < 1
  }
}
