import Checkpoints
import Files
import Foundation
import Images
import Layers
import Models
import Pretrained
import TensorEngine
import TestSupport
import Testing

/// Files as transformers and open_clip write them give the logits that these libraries compute from them, at a logit
/// scale of 100 (Tests/Golden/layouts.py).
@Suite struct LayoutGoldenTests {
  static let forms = [
    "openai", "openai-fp16", "hugging-face-bf16", "hugging-face-sharded", "hugging-face-legacy-eos",
    "open-clip-custom-text", "open-clip-norms-and-gelus", "hugging-face-fp64", "hugging-face-added-words",
    "hugging-face-added-words-legacy-eos", "hugging-face-config-dict",
  ]

  @Test(arguments: forms)
  func logitsAreTheLibrarys(form: String) throws {
    let golden = try GoldenFile("layouts/\(form)/golden.safetensors")
    let (model, report) = try loaded(form)
    #expect(report.isExact)
    let logits = try model.logits(
      pixels: golden.array("pixel_values"), ids: golden.integers("input_ids").map(Int32.init))
    let problem = difference(logits, try golden.floats("logits"), relative: 0, floor: 1e-3)
    #expect(problem == nil)
  }

  @Test func theReportSaysWhatBecameOfEveryKey() throws {
    let (_, report) = try loaded("openai")
    #expect(
      report.loaded.count == 78 && report.unused.sorted() == ["context_length", "input_resolution", "vocab_size"])
    #expect(report.summary == "78 parameters from 62 tensors, 2 transposed, 3 unused")
    let fused = try #require(report.loaded.first { $0.name.hasSuffix("layers.1.self_attn.v_proj.weight") })
    #expect(fused.change == "rows 64 ..< 96 of 96")
    let (_, other) = try loaded("hugging-face-bf16")
    #expect(other.unused.count == 2 && other.loaded.allSatisfy { $0.change == nil && $0.name == $0.key })
  }

  /// timm's repositories hold the image tower in the files of transformers' names, and the whole model in open_clip's.
  @Test func theWeightsBelongToTheConfiguration() throws {
    let place = try TemporaryDirectory()
    for (form, name) in [
      ("openai", "open_clip_config.json"), ("openai", "open_clip_model.safetensors"), ("openai", "tokenizer.json"),
      ("hugging-face-fp64", "model.safetensors"),
    ] {
      try writeAtomically(readFile("\(goldenDirectory)/layouts/\(form)/\(name)"), to: place(name))
    }
    try writeAtomically(Array(#"{"architecture": "vit_base_patch32_clip_224"}"#.utf8), to: place("config.json"))
    #expect(try modelWeightsPath(at: place.path) == place("open_clip_model.safetensors"))
    let directory = try ModelDirectory(path: place.path)
    #expect(try directory.loadingReport().isExact)
    #expect(try modelWeightsPath(at: "\(goldenDirectory)/layouts/openai").hasSuffix("open_clip_model.safetensors"))
    // Beside a config.json that is a CLIP's, transformers' weights are its own.
    try writeAtomically(
      readFile("\(goldenDirectory)/layouts/hugging-face-fp64/config.json"), to: place("config.json"))
    #expect(try modelWeightsPath(at: place.path) == place("model.safetensors"))
    #expect(try ModelDirectory(path: place.path).loadingReport().isExact)
  }

  /// Half a pixel goes where transformers puts it, and open_clip, also where no file says how pictures are prepared.
  @Test func picturesAreCentredAsTheLibraryDoes() throws {
    #expect(
      try ModelDirectory(path: "\(goldenDirectory)/layouts/hugging-face-fp64").preprocessing.centring == .down)
    #expect(try ModelDirectory(path: "\(goldenDirectory)/layouts/openai").preprocessing.centring == .halfToEven)
  }

  /// transformers 5 leaves an old `preprocessor_config.json` where it is, and reads it no more; the `processor_config.json` of
  /// transformers 4 has no image processor in it.
  @Test(arguments: [(#"{"image_processor": {"size": 32, "crop_size": 32, "image_mean": 0.25}}"#, 0.25), ("{}", 0.5)])
  func theNewerFileOfPicturesCounts(processor: String, mean: Double) throws {
    let place = try TemporaryDirectory()
    let source = "\(goldenDirectory)/layouts/hugging-face-fp64"
    for name in try directoryEntries(source) { try writeAtomically(readFile(source + "/" + name), to: place(name)) }
    let old = #"{"size": 32, "crop_size": 32, "image_mean": 0.5}"#
    try writeAtomically(Array(old.utf8), to: place("preprocessor_config.json"))
    try writeAtomically(Array(processor.utf8), to: place("processor_config.json"))
    #expect(try ModelDirectory(path: place.path).preprocessing.mean == [mean, mean, mean])
  }

  private func loaded(_ form: String) throws -> (LoadedModel, LoadingReport) {
    let directory = try ModelDirectory(path: "\(goldenDirectory)/layouts/\(form)")
    let model = LoadedModel(directory.description)
    return (model, try directory.loadWeights(into: model.arena, threads: model.engine.threads))
  }
}
