import Foundation
import Images
import Reporting
import Settings
import Testing

@Suite struct ProcessorConfigurationTests {
  @Test func ourFileIsThatOfTransformers() throws {
    let theirs = try Golden.load().processor
    #expect(try Preprocessing(huggingFaceJSON: Array(theirs.utf8)) == .clip())
    let ours = Preprocessing.clip().huggingFaceJSON()
    #expect(String(decoding: ours, as: UTF8.self) == theirs)
  }

  @Test func whatIsWrittenIsRead() throws {
    let odd = Preprocessing(
      imageSize: 97, filter: .bilinear, mean: [0, 0.1, 1e-7], standardDeviation: [1, 0.333, 12])
    #expect(try Preprocessing(huggingFaceJSON: odd.huggingFaceJSON()) == odd)
    let squashed = Preprocessing(
      imageSize: 64, resizeSize: 71, filter: .lanczos, fit: .squash, mean: [0.5, 0.5, 0.5],
      standardDeviation: [0.5, 0.5, 0.5])
    #expect(try Preprocessing(huggingFaceJSON: squashed.huggingFaceJSON()) == squashed)
  }

  @Test func olderFilesHavePlainSizes() throws {
    let old = """
      {"crop_size": 224, "do_center_crop": true, "do_normalize": true, "do_resize": true, "size": 224, "resample": 3,
       "feature_extractor_type": "CLIPFeatureExtractor", "image_mean": [0.48145466, 0.4578275, 0.40821073],
       "image_std": [0.26862954, 0.26130258, 0.27577711]}
      """
    #expect(try Preprocessing(huggingFaceJSON: Array(old.utf8)) == .clip())
  }

  @Test(arguments: [
    (#""do_center_crop": true"#, #""do_center_crop": false"#, "do_center_crop"),
    (#""do_rescale": true"#, #""do_rescale": false"#, "do_rescale"),
    (#""do_resize": true"#, #""do_resize": false"#, "do_resize"),
    (#""resample": 3"#, #""resample": 0"#, "resample"),
    (#""resample": 3"#, #""resample": 5"#, "resample"),
    ("0.00392156862745098", "0.5", "rescale_factor"),
    (#""shortest_edge": 224"#, #""height": 224, "width": 225"#, "size"),
    (#""shortest_edge": 224"#, #""height": 223, "width": 223"#, "crop_size"),
    (#""shortest_edge": 224"#, #""longest_edge": 224"#, "size"),
    (#""shortest_edge": 224"#, #""shortest_edge": 224, "height": 224"#, "size"),
    (#""shortest_edge": 224"#, #""shortest_edge": -3"#, "size"),
    (#""shortest_edge": 224"#, #""shortest_edge": 223"#, "crop_size"),
    ("0.26862954", "0", "image_std"),
    ("0.26862954,", "", "image_std"),
    (#""image_mean""#, #""image_median""#, "image_mean"),
  ])
  func stepsThatAreNotMadeHereAreRefused(old: String, new: String, key: String) throws {
    let changed = try Golden.load().processor.replacingOccurrences(of: old, with: new)
    let error = #expect(throws: SettingsError.self) {
      try Preprocessing(huggingFaceJSON: Array(changed.utf8))
    }
    #expect(error?.description.contains(key) == true)
  }

  /// What transformers 5.24 takes for granted, by the type (`image_processing_pil_*.py`).
  @Test(arguments: [
    (#"{"image_processor_type": "ViTImageProcessor"}"#, 224, ResizeFilter.bilinear, Preprocessing.Fit.squash, 0.5),
    (#"{"feature_extractor_type": "ViTFeatureExtractor", "size": 32}"#, 32, .bilinear, .squash, 0.5),
    (
      #"{"feature_extractor_type": "CLIPFeatureExtractor", "size": 32, "crop_size": 32}"#, 32, .bicubic, .shortest,
      0.48145466
    ),
    (#"{"image_processor_type": "SiglipImageProcessorFast"}"#, 224, .bicubic, .squash, 0.5),
    (#"{"image_processor_type": "BlipImageProcessor", "image_mean": null}"#, 384, .bicubic, .squash, 0.48145466),
    (#"{"size": [48, 48], "crop_size": [48, 48], "image_mean": 0.25, "image_std": 2}"#, 48, .bicubic, .squash, 0.25),
    ("{}", 224, .bicubic, .shortest, 0.48145466),
  ])
  func theTypeDecides(json: String, size: Int, filter: ResizeFilter, fit: Preprocessing.Fit, red: Double) throws {
    let read = try Preprocessing(huggingFaceJSON: Array(json.utf8))
    #expect(read.imageSize == size && read.filter == filter && read.fit == fit && read.mean[0] == red)
  }

  @Test(arguments: [
    (#"{"image_processor_type": "FlavaImageProcessor"}"#, "image_processor_type"),
    (#"{"image_processor_type": "ConvNextImageProcessor", "do_center_crop": true}"#, "do_center_crop"),
    (#"{"image_processor_type": "ConvNextImageProcessor", "size": {"height": 32, "width": 32}}"#, "size"),
    (#"{"image_processor_type": "SiglipImageProcessor", "size": 32}"#, "do_center_crop"),
    (#"{"size": {"shortest_edge": 32}}"#, "crop_size"), (#"{"crop_pct": 0.9}"#, "crop_pct"),
    (#"{"do_pad": true}"#, "do_pad"),
  ])
  func whatAnotherProcessorWouldDoIsRefused(json: String, key: String) {
    let error = #expect(throws: SettingsError.self) { try Preprocessing(huggingFaceJSON: Array(json.utf8)) }
    #expect(error?.exitCode == .configuration && error?.description.contains(key) == true)
  }

  /// As transformers 5.24 saves a CLIPProcessor; 4 wrote the file without the image processor in it.
  @Test func processorsAreReadTogether() throws {
    let inner = try Golden.load().processor
    let whole = #"{"image_processor": \#(inner), "processor_class": "CLIPProcessor"}"#
    let read = try Preprocessing(huggingFaceProcessorJSON: Array(whole.utf8), file: "processor_config.json")
    #expect(try read == Preprocessing(huggingFaceJSON: Array(inner.utf8)))
    let old = Array(#"{"processor_class": "CLIPProcessor"}"#.utf8)
    #expect(try Preprocessing(huggingFaceProcessorJSON: old, file: "processor_config.json") == nil)
  }

  /// Resized to more than is kept, as the processors of transformers do it.
  @Test func picturesAreCutAsTransformersDoes() throws {
    for golden in try Golden.load().processed {
      let read = try Preprocessing(huggingFaceJSON: Array(golden.configuration.utf8))
      #expect(read.imageSize == golden.result.width && read.resizeSize == golden.side, "\(golden.configuration)")
      var theirs = read
      theirs.centring = .down
      let picture = Synthetic.noisy.picture(golden.source[0], golden.source[1])
      #expect(
        Golden.Result(theirs.evaluationPixels(picture)) == golden.result, "\(golden.source), \(golden.configuration)")
    }
  }

  /// What these take for granted where nothing is said of it.
  @Test(
    arguments: [
      (
        #"{"image_processor_type": "ConvNextImageProcessor", "size": {"shortest_edge": 32}}"#, 32, 36,
        .shortest
      ),
      (#"{"image_processor_type": "ConvNextImageProcessor", "size": 383}"#, 383, 437, .shortest),
      (#"{"image_processor_type": "ConvNextImageProcessor"}"#, 384, nil, .squash),
      (#"{"image_processor_type": "DeiTImageProcessor"}"#, 224, 256, .squash), (#"{"size": 230}"#, 224, 230, .shortest),
    ] as [(String, Int, Int?, Preprocessing.Fit)])
  func aLargerPictureForGranted(json: String, size: Int, resized: Int?, fit: Preprocessing.Fit) throws {
    let read = try Preprocessing(huggingFaceJSON: Array(json.utf8))
    #expect(read.imageSize == size && read.resizeSize == resized && read.fit == fit, "\(read)")
  }

  /// The part that is kept stays as large where the model reads another size.
  @Test func aCropGrowsWithTheSize() {
    let cut = Preprocessing(
      imageSize: 224, resizeSize: 256, mean: [0, 0, 0], standardDeviation: [1, 1, 1])
    #expect(cut.resized(to: 336).resizeSize == 384 && cut.resized(to: 224) == cut)
    #expect(Preprocessing.clip().resized(to: 336) == .clip(imageSize: 336))
  }

  @Test(arguments: [-1, 0, 2])
  func aConvNeXTsShareIsChecked(share: Double) {
    let json =
      #"{"image_processor_type": "ConvNextImageProcessor", "size": {"shortest_edge": 32}, "crop_pct": \#(share)}"#
    let error = #expect(throws: SettingsError.self) { try Preprocessing(huggingFaceJSON: Array(json.utf8)) }
    #expect(error?.exitCode == .badData && error?.description.contains("crop_pct") == true)
  }

  @Test(arguments: ["", "[]", "{", "null", #"{"size": "large"}"#])
  func whatIsNoConfiguration(text: String) {
    let error = #expect(throws: SettingsError.self) { try Preprocessing(huggingFaceJSON: Array(text.utf8)) }
    #expect(error?.exitCode == .badData && error?.description.hasPrefix("preprocessor_config.json") == true)
  }

  /// As `CLIPImageProcessor` of transformers 4.46.3 saves it for both sides to 256, bilinear, levels as they are.
  @Test func bothSidesAndNoNormalisation() throws {
    let saved = """
      {"crop_size": {"height": 224, "width": 224}, "do_center_crop": false, "do_convert_rgb": true,
       "do_normalize": false, "do_rescale": true, "do_resize": true, "image_mean": [0.48145466, 0.4578275, 0.40821073],
       "image_processor_type": "CLIPImageProcessor", "image_std": [0.26862954, 0.26130258, 0.27577711], "resample": 2,
       "rescale_factor": 0.00392156862745098, "size": {"height": 256, "width": 256}}
      """
    var expected = Preprocessing.mobileCLIP()
    expected.fit = .squash
    #expect(try Preprocessing(huggingFaceJSON: Array(saved.utf8)) == expected)
  }
}
