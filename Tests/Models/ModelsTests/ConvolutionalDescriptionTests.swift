import Foundation
import Images
import Models
import Settings
import Testing

/// What files say of towers of convolutions, and what of it is refused.
@Suite struct ConvolutionalDescriptionTests {
  @Test func filesOfTimmSayHowPicturesAre() throws {
    let read = try tower(
      """
      {"architecture": "resnet50", "num_classes": 1000, "num_features": 2048, "global_pool": "avg",
       "pretrained_cfg": {"tag": "a1_in1k", "custom_load": false, "input_size": [3, 288, 288], "fixed_input_size": false,
        "interpolation": "bicubic", "crop_pct": 0.95, "crop_mode": "center", "mean": [0.1, 0.2, 0.3],
        "std": [0.4, 0.5, 0.6], "num_classes": 1000, "pool_size": [7, 7], "first_conv": "conv1", "classifier": "fc"}}
      """)
    #expect(
      read.usualPreprocessing
        == Preprocessing(
          imageSize: 288, resizeSize: 303, filter: .bicubic, mean: [0.1, 0.2, 0.3], standardDeviation: [0.4, 0.5, 0.6]))
    let lite = try tower("{\"architecture\": \"tf_efficientnet_lite0\", \"num_classes\": 0}")
    #expect(lite as? EfficientNetDescription == EfficientNetDescription())
    #expect(lite.usualPreprocessing.resizeSize == 256 && lite.usualPreprocessing.mean == [0.5, 0.5, 0.5])
  }

  @Test func filesOfTransformersSayTheSizes() throws {
    let read = try tower(
      """
      {"model_type": "resnet", "architectures": ["ResNetModel"], "depths": [2, 1], "hidden_sizes": [8, 12],
       "embedding_size": 4, "layer_type": "basic", "hidden_act": "relu", "num_channels": 3,
       "downsample_in_first_stage": true, "downsample_in_bottleneck": false, "out_features": ["stage2"],
       "out_indices": [2], "stage_names": ["stem", "stage1", "stage2"], "transformers_version": "5.24.0"}
      """)
    let sizes = try #require(read as? ResNetDescription)
    #expect(sizes.block == .basic && sizes.depths == [2, 1] && sizes.widths == [8, 12] && sizes.stemWidth == 4)
    #expect(sizes.reducesInFirstStage && !sizes.reducesAtOnce && sizes.imageSize == 224 && sizes.width == 12)
  }

  @Test func descriptionsSurviveTheirJSON() throws {
    var lite = EfficientNetDescription()
    (lite.pictures.imageSize, lite.stages[2].kernel) = (96, 7)
    #expect(try tower(json(lite)) as? EfficientNetDescription == lite)
    var resnet = ResNetDescription()
    (resnet.pictures.filter, resnet.reducesAtOnce, resnet.depths) = (.bicubic, true, [1, 2, 3, 4])
    #expect(try tower(json(resnet)) as? ResNetDescription == resnet)
  }

  @Test(arguments: [
    ("{\"model_type\": \"resnet\", \"hidden_act\": \"gelu\"}", "hidden_act"),
    ("{\"model_type\": \"resnet\", \"layer_type\": \"wide\"}", "layer_type"),
    ("{\"model_type\": \"resnet\", \"depth\": [1]}", "depth"),
    ("{\"architecture\": \"efficientnet_lite0\"}", "architecture"),
    ("{\"architecture\": \"resnet18\", \"model_args\": {\"act_layer\": \"gelu\"}}", "model_args"),
    ("{\"architecture\": \"resnet18\", \"pretrained_cfg\": {\"crop_mode\": \"squash\"}}", "crop_mode"),
    ("{\"architecture\": \"resnet18\", \"pretrained_cfg\": {\"input_size\": [1, 28, 28]}}", "input_size"),
    ("{\"architecture\": \"resnet18\", \"pretrained_cfg\": {\"crop_pct\": 0}}", "crop_pct"),
    ("{\"architecture\": \"resnet18\", \"pretrained_cfg\": {\"std\": [1, 0, 1]}}", "std"),
  ])
  func whatIsNotKnownIsNamed(_ json: String, _ key: String) {
    #expect { try tower(json) } throws: { "\($0)".contains(key) }
  }

  @Test func sizesOutOfBoundsAreNamed() {
    var resnet = ResNetDescription()
    #expect(resnet.flaw == nil && EfficientNetDescription().flaw == nil)
    resnet.widths = [256, 512, 1024]
    #expect(resnet.flaw == "4 depths for 3 widths")
    resnet.widths = [256, 512, 1024, 2046]
    #expect(resnet.flaw?.contains("2046") == true)
    var lite = EfficientNetDescription()
    lite.stages[3].kernel = 4
    #expect(lite.flaw?.contains("kernel of 4") == true)
  }

  /// Every layer of Lite0 under the package's flat numbers.
  @Test func packageCountsBlocksThrough() {
    let keys = EfficientNetDescription.publishedKeys[1]
    for (name, key) in [
      ("conv_stem.weight", "_conv_stem.weight"), ("bn1.bias", "_bn0.bias"), ("bn2.running_var", "_bn1.running_var"),
      ("blocks.0.0.conv_dw.weight", "_blocks.0._depthwise_conv.weight"),
      ("blocks.0.0.bn1.weight", "_blocks.0._bn1.weight"),
      ("blocks.0.0.conv_pw.weight", "_blocks.0._project_conv.weight"),
      ("blocks.0.0.bn2.weight", "_blocks.0._bn2.weight"),
      ("blocks.1.1.conv_pw.weight", "_blocks.2._expand_conv.weight"),
      ("blocks.1.1.bn1.weight", "_blocks.2._bn0.weight"),
      ("blocks.5.3.conv_pwl.weight", "_blocks.14._project_conv.weight"),
      ("blocks.6.0.bn3.running_mean", "_blocks.15._bn2.running_mean"), ("conv_head.weight", "_conv_head.weight"),
    ] {
      #expect(keys.key(name) == key)
    }
  }

  private func json(_ value: some Encodable) throws -> String {
    String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
  }
}

private func tower(_ json: String) throws -> any PictureTowerDescription {
  let file = try Settings(json: Array(json.utf8), file: "config.json")
  return try TowerCatalogue.picture(file)
}
