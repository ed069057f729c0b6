import Testing

/// Every input of the corpus ends the program in order: the exit code that is agreed, a message that says what is wrong in
/// plain text, nothing on standard output, and nothing on the disk that was not there before but the report of a refusal.
@Suite struct MalformedInputTests {
  static let corpus: [MalformedCase] =
    safetensorsCases + weightsCases + shardIndexCases + tokenizerCases + modelConfigurationCases + configurationCases
    + zipCases + photoCases + soundCases + captionCases + captionSourceCases + columnCases + regionFileCases
    + splitCases
    + preparedSetCases + checkpointCases + resumeCases + featureFileCases + modelFolderCases
    + adapterCases + towerCases + fusionModelCases + caseFileCases + taskCases + calibrationCases

  @Test(arguments: corpus) func isRefused(malformed: MalformedCase) throws {
    let outcome = try malformed.run()
    #expect(outcome.status == malformed.code, "\(outcome.errors)")
    #expect(outcome.errors.contains(malformed.key), "\(outcome.errors)")
    // Progress may stand before it, and what else is wrong below it.
    #expect(outcome.errors.split(separator: "\n").count { $0.hasPrefix("error: ") } == 1, "\(outcome.errors)")
    #expect(outcome.output.isEmpty)
    // The report of a set that was refused, which the message names, is all that may be new.
    let strays = outcome.changes.filter { !$0.contains(/^in\/(prepared|out)\.report/) }
    #expect(strays.isEmpty, "on the disk: \(strays)")
    // A run that is refused saves nothing.
    let saved = outcome.ownChanges.filter { $0.contains("checkpoints") || $0.hasSuffix(".safetensors") }
    #expect(saved.isEmpty, "saved: \(saved)")
    let isPlain = outcome.errors.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 && $0.value != 0x7F }
    #expect(isPlain && outcome.errors.utf8.count < 20_000, "\(outcome.errors.debugDescription)")
  }

  @Test func theCorpusIsLarge() {
    #expect(Self.corpus.count >= 300)
    #expect(Set(Self.corpus.map(\.name)).count == Self.corpus.count, "every case has a name of its own")
    #expect(Self.corpus.allSatisfy { !$0.key.isEmpty && [65, 66, 78].contains($0.code) })
  }
}
