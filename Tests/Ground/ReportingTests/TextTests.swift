import Reporting
import Testing

@Suite struct TextTests {
  @Test func controlCharactersBecomeVisible() {
    #expect(printable("a\u{1B}[31mred\n\r\u{202E}\u{7F}") == "a\\u{1b}[31mred\\u{a}\\u{d}\\u{202e}\\u{7f}")
    #expect(printable("ein Bär 🐻 steht") == "ein Bär 🐻 steht")
    #expect(printable("\u{FEFF}\u{2028}") == "\\u{feff}\\u{2028}")
  }

  @Test func longTextIsCut() {
    #expect(printable("abcdef", limit: 3) == "abc…")
    #expect(printable("abc", limit: 3) == "abc")
    #expect(printable(String(repeating: "x", count: 1000)).count == 201)
  }

  @Test func nearestFindsMisspellings() {
    let keys = ["learning_rate", "weight_decay", "beta1", "beta2", "gradient_clip"]
    #expect(nearest(to: "learing_rate", among: keys) == "learning_rate")
    #expect(nearest(to: "weigth_decay", among: keys) == "weight_decay")
    #expect(nearest(to: "beta3", among: keys) == "beta1")  // the earlier of two equally near ones
    #expect(nearest(to: "dropout", among: keys) == nil)
    #expect(nearest(to: "anything", among: []) == nil)
  }

  @Test func exitCodesAreTheDocumentedOnes() {
    let codes: [ExitCode] = [
      .success, .usage, .badData, .missingInput, .network, .internalError, .cannotCreateOutput, .inputOutput,
      .stoppedOnRequest, .configuration, .diverged, .ranksDisagree, .hang,
    ]
    #expect(codes.map(\.rawValue) == [0, 64, 65, 66, 69, 70, 73, 74, 75, 78, 80, 81, 82])
  }
}
