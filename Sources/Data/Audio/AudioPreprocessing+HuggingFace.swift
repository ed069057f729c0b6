public import Settings

extension AudioPreprocessing {
  /// As `preprocessor_config.json` of a Hugging Face ASTFeatureExtractor, which `transformers` loads; nil for bands that are not
  /// AST's.
  public func huggingFaceJSON() -> [UInt8]? {
    var own = spectrogram
    own.bands = SpectrogramSettings.ast.bands
    guard own == .ast else { return nil }
    let members = [
      ("do_normalize", "true"), ("feature_extractor_type", "\"ASTFeatureExtractor\""), ("feature_size", "1"),
      ("max_length", "\(maximumFrames)"), ("mean", "\(mean)"), ("num_mel_bins", "\(bands)"),
      ("padding_side", "\"right\""), ("padding_value", "0.0"), ("return_attention_mask", "false"),
      ("sampling_rate", "\(spectrogram.rate)"), ("std", "\(deviation / 2)"),
    ]
    return Array("{\n\(members.map { "  \"\($0)\": \($1)" }.joined(separator: ",\n"))\n}\n".utf8)
  }

  /// Reads a `preprocessor_config.json` of an ASTFeatureExtractor.
  ///
  /// - Parameter file: where the bytes came from, for errors.
  /// - Throws: `SettingsError` for another extractor, and for keys that are not known.
  public init(huggingFaceJSON bytes: [UInt8], file: String = "preprocessor_config.json") throws(SettingsError) {
    let settings = try Settings(json: bytes, file: file).withoutNulls
    guard try settings.text("feature_extractor_type") == "ASTFeatureExtractor" else {
      throw settings.unsupported("feature_extractor_type", wanted: "\"ASTFeatureExtractor\"")
    }
    try settings.require(extractorKeys)
    let normalizes = try settings.flag("do_normalize") ?? true
    var made = AudioPreprocessing.ast
    made.spectrogram.bands = try settings.whole("num_mel_bins") ?? made.bands
    made.maximumFrames = try settings.whole("max_length") ?? made.maximumFrames
    made.mean = normalizes ? try settings.number("mean") ?? made.mean : 0
    made.deviation = normalizes ? try settings.number("std").map { 2 * $0 } ?? made.deviation : 1
    guard made.spectrogram.flaw == nil else { throw settings.unsupported("num_mel_bins", wanted: "1 to 4096") }
    guard Self.frameLimits.contains(made.maximumFrames) else {
      throw settings.unsupported("max_length", wanted: "1 to \(Self.frameLimits.upperBound)")
    }
    guard made.flaw == nil else { throw settings.unsupported("std", wanted: "a number above 0") }
    self = made
  }
}

private let extractorKeys = KnownKeys(
  read: ["feature_extractor_type", "num_mel_bins", "max_length", "do_normalize", "mean", "std"],
  // What clips are padded with: rows here are those of the clip.
  harmless: [
    "padding_side", "padding_value", "return_attention_mask", "processor_class", "name_or_path", "transformers_version",
  ],
  understood: ["feature_size": [.number(1)], "sampling_rate": [.number(16_000)]])
