import Audio
import Settings
import Testing

@Suite struct AudioPreprocessingTests {
  private static func read(_ json: String) throws -> AudioPreprocessing {
    try AudioPreprocessing(huggingFaceJSON: Array(json.utf8))
  }

  @Test func aPublishedFileIsRead() throws {
    let read = try Self.read(
      """
      {"do_normalize": true, "feature_extractor_type": "ASTFeatureExtractor", "feature_size": 1, "max_length": 112,
       "mean": -4.25, "num_mel_bins": 32, "padding_side": "right", "padding_value": 0.0, "return_attention_mask": false,
       "sampling_rate": 16000, "std": 4.5}
      """)
    var expected = AudioPreprocessing(spectrogram: .ast, maximumFrames: 112, mean: -4.25, deviation: 9)
    expected.spectrogram.bands = 32
    #expect(read == expected)
    #expect(try Self.read(#"{"feature_extractor_type": "ASTFeatureExtractor"}"#) == .ast)
  }

  @Test func whatIsWrittenIsReadAgain() throws {
    let own = AudioPreprocessing(spectrogram: .ast, maximumFrames: 512, mean: -6.6, deviation: 10.5)
    #expect(try AudioPreprocessing(huggingFaceJSON: try #require(own.huggingFaceJSON())) == own)
    #expect(AudioPreprocessing.clap.huggingFaceJSON() == nil)
  }

  @Test func whatIsNotUnderstoodIsRefused() {
    let members = [
      #""feature_size": 2"#, #""sampling_rate": 8000"#, #""max_length": 0"#, #""num_mel_bins": 0"#, #""std": 0"#,
      #""hop_length": 160"#, #""mean": "low""#,
    ]
    for member in members {
      #expect(throws: SettingsError.self, "\(member)") {
        try Self.read(#"{"feature_extractor_type": "ASTFeatureExtractor", \#(member)}"#)
      }
    }
    #expect(throws: SettingsError.self) { try Self.read(#"{"feature_extractor_type": "ClapFeatureExtractor"}"#) }
  }
}
