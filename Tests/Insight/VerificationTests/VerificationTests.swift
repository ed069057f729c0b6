import Reporting
import TensorEngine
import Testing
import Verification

@Suite struct VerificationTests {
  @Test func everythingIsRightHere() {
    let checks = verify()
    for check in checks {
      #expect(check.isRight, "\(check.name): \(check.difference), at most \(check.limit) \(check.unit)")
    }
    let levels = KernelLevel.allCases.filter(\.isSupported)
    for level in levels { #expect(checks.contains { $0.name == "block, fp32, \(level.rawValue)" }) }
    #expect(checks.contains { $0.name.hasPrefix("block, bf16") } == Precision.bf16.isSupported)
    #expect(Set(checks.map(\.name)).count == checks.count)
  }

  /// The names of the checks that fail with a golden changed.
  private func failed(_ change: (inout VerificationGoldens) -> Void) -> [String] {
    var goldens = VerificationGoldens.embedded
    change(&goldens)
    return verify(goldens).filter { !$0.isRight }.map(\.name)
  }

  private let blocks = VerificationTests.names("block")
  private static func names(_ prefix: String) -> [String] { verify().map(\.name).filter { $0.hasPrefix(prefix) } }

  @Test func aWrongIdIsNoticed() {
    #expect(failed { $0.ids[3].ids[1] += 1 } == ["tokenizer, 11 texts"])
    #expect(failed { $0.ids[0].ids.removeLast() } == ["tokenizer, 11 texts"])
    #expect(failed { $0.tokenizer = "" } == ["tokenizer, 11 texts"])
  }

  @Test func aWrongPixelIsNoticed() {
    // In base64 the last letters of the pixels: one level more or less, at one place.
    func changed(_ base64: String) -> String { String(base64.dropLast()) + (base64.last == "A" ? "B" : "A") }
    #expect(
      failed { $0.resized[0].pixels = changed($0.resized[0].pixels) } == VerificationTests.names("resize, bilinear"))
    #expect(failed { $0.resized[1].pixels = "" } == VerificationTests.names("resize, bicubic"))
    #expect(failed { $0.decoded = changed($0.resized[0].pixels) } == ["photo decoded"])
    #expect(failed { $0.jpeg = "" } == ["photo decoded"])
  }

  @Test func aWrongGradientIsNoticed() {
    for index in VerificationGoldens.embedded.block.indices {
      #expect(failed { $0.block[index].sums[2] += 40 } == blocks, "\(VerificationGoldens.embedded.block[index].name)")
    }
    #expect(failed { $0.block[1].sums[0] *= 1.001 }.contains("block, fp32, baseline"))
    #expect(failed { $0.block[0].sums[3] = .nan } == blocks)
    #expect(failed { $0.block[4].name = "unknown" } == blocks)
  }

  @Test func theErrorSaysWhatToDo() {
    let error = VerificationError(failed: ["a", "b"])
    #expect(error.exitCode == .internalError)
    #expect(error.description.hasPrefix("this build gives wrong results on this machine (a; b): do not train with it."))
  }
}
