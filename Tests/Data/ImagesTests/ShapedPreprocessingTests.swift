import Images
import Testing

/// Pictures that keep their shape, as transformers' `ViltImageProcessor` has them; `PredictionTests` holds the pixels.
@Suite struct ShapedPreprocessingTests {
  /// What `get_resize_output_image_size` of transformers 5.24 gives (shorter 384, longer 639, multiples of 32).
  @Test(arguments: [
    (640, 480, 384, 512), (480, 640, 512, 384), (333, 500, 576, 384), (1000, 300, 192, 608), (300, 1000, 608, 192),
    (384, 384, 384, 384), (10, 10, 384, 384), (639, 384, 384, 608), (20_000, 1000, 32, 608), (50_000, 1000, 0, 608),
  ])
  func sizesAreTransformers(_ width: Int, _ height: Int, _ rows: Int, _ columns: Int) {
    let shaped = ShapedPreprocessing()
    let size = shaped.size(width: width, height: height)
    #expect(size == PixelSize(height: rows, width: columns))
    #expect(size.count <= shaped.capacity)
  }

  @Test func filesSurvive() throws {
    let shaped = ShapedPreprocessing(
      shorterSide: 96, divisor: 16, filter: .bilinear, mean: [0.1, 0.2, 0.3], standardDeviation: [0.4, 0.5, 0.6])
    #expect(try read(String(decoding: shaped.huggingFaceJSON(), as: UTF8.self)) == shaped)
    #expect(try read(#"{"image_processor_type": "ViltImageProcessor"}"#) == ShapedPreprocessing())
    let old =
      #"{"feature_extractor_type": "ViltFeatureExtractor", "size": 384, "size_divisor": 32, "image_mean": [0, 0, 0]}"#
    #expect(try read(old)?.mean == [0, 0, 0])
    #expect(try read(#"{"image_processor_type": "ViTImageProcessor"}"#) == nil)
  }

  @Test(arguments: [
    (#""size": {"shortest_edge": 4096}"#, "size"), (#""size": {"height": 384, "width": 384}"#, "size"),
    (#""size": 16"#, "size_divisor"), (#""size_divisor": 0"#, "size_divisor"), (#""do_resize": false"#, "do_resize"),
    (#""resample": 0"#, "resample"), (#""image_std": [1, 0, 1]"#, "image_std"), (#""crop": 3"#, "crop"),
    (#""rescale_factor": 1"#, "rescale_factor"),
  ])
  func whatIsNotKnownIsNamed(_ member: String, _ key: String) {
    #expect { try read(#"{"image_processor_type": "ViltImageProcessorFast", \#(member)}"#) } throws: {
      "\($0)".contains(key)
    }
  }

  private func read(_ json: String) throws -> ShapedPreprocessing? {
    try ShapedPreprocessing(huggingFaceJSON: Array(json.utf8))
  }
}
