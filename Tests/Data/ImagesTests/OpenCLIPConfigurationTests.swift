import Images
import Reporting
import Settings
import Testing

@Suite struct OpenCLIPConfigurationTests {
  private func read(_ json: String) throws -> Preprocessing { try Preprocessing(openCLIPJSON: Array(json.utf8)) }

  /// As open_clip 3.3 writes it for MobileCLIP-S1, but for the towers' other keys.
  private let mobile = """
    {"model_cfg": {"embed_dim": 512, "vision_cfg": {"timm_model_name": "fastvit_mci1", "timm_drop": 0.0,
     "image_size": 256}, "text_cfg": {"context_length": 77}, "custom_text": true},
     "preprocess_cfg": {"mean": [0.0, 0.0, 0.0], "std": [1.0, 1.0, 1.0], "interpolation": "bilinear",
     "resize_mode": "shortest"}}
    """

  @Test func theFileOfAPublishedModel() throws { #expect(try read(mobile) == .mobileCLIP()) }

  @Test func whatIsAbsentIsOpenAIs() throws {
    #expect(try read(#"{"model_cfg": {"vision_cfg": {"image_size": 336, "layers": 24}}}"#) == .clip(imageSize: 336))
    #expect(try read(#"{"preprocess_cfg": {}}"#) == .clip())
    #expect(try read(#"{"preprocess_cfg": {"size": [240, 240]}}"#) == .clip(imageSize: 240))
    #expect(try read(#"{"preprocess_cfg": {"interpolation": "random", "mode": "RGB"}}"#) == .clip())
    let both = #"{"model_cfg": {"vision_cfg": {"image_size": [64, 64]}}, "preprocess_cfg": {"size": 224}}"#
    #expect(try read(both) == .clip(imageSize: 64))
  }

  @Test func squash() throws {
    let json =
      #"{"preprocess_cfg": {"size": 384, "mean": [0.5,0.5,0.5], "std": [0.5,0.5,0.5], "resize_mode": "squash"}}"#
    let expected = Preprocessing(
      imageSize: 384, fit: .squash, mean: [0.5, 0.5, 0.5], standardDeviation: [0.5, 0.5, 0.5])
    #expect(try read(json) == expected)
  }

  @Test(arguments: [
    (#""shortest""#, #""longest""#, "resize_mode"),
    (#""bilinear""#, #""nearest""#, "interpolation"),
    ("[1.0, 1.0, 1.0]", "[1.0, 0.0, 1.0]", "std"),
    ("[0.0, 0.0, 0.0]", "[0.0]", "mean"),
    ("256", "[256, 224]", "image_size"),
    ("256", "0", "image_size"),
    ("256", "[]", "image_size"),
    (#""preprocess_cfg": {"#, #""preprocess_cfg": {"mode": "L", "#, "mode"),
  ]) func otherStepsAreRefused(old: String, new: String, key: String) throws {
    let changed = mobile.replacing(old, with: new)
    let error = #expect(throws: SettingsError.self) { try read(changed) }
    #expect(error?.description.contains("\(key) is ") == true, "\(String(describing: error))")
  }

  @Test(arguments: ["", "[]", "{", "3", #"{"preprocess_cfg": []}"#, #"{"preprocess_cfg": {"mean": "3"}}"#])
  func whatIsNoConfiguration(text: String) {
    let error = #expect(throws: SettingsError.self) { try read(text) }
    #expect(error?.exitCode == .badData && error?.description.hasPrefix("open_clip_config.json") == true)
  }
}
