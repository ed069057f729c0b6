import Checkpoints
import Files
import Foundation
import Reporting
import TestSupport
import Testing
import Verification

/// Models against case files, which `Tests/Golden/cases.py` makes of what PyTorch computed.
@Suite struct CaseTests {
  static let models =
    [
      "clip-tiny", "mobileclip-tiny", "cross-attention-tiny", "cross-attention-tiny/text-to-image", "masked-text-tiny",
      "cross-attention-tiny/gated", "cross-attention-tiny/cells", "mmbert-tiny",
    ] + fusions.map { "fusion-tiny/" + $0 }

  private static let fusions = [
    "early", "regions", "late-concatenation", "late-gated", "late-attention", "late-sum", "hybrid", "bottleneck",
  ]

  @Test(arguments: models, [1, 3])
  func everyArrayIsRight(_ model: String, _ threads: Int) throws {
    let golden = goldenDirectory + "/" + model
    let report = try verify(model: golden, case: golden + "/case.safetensors", threads: threads)
    #expect(report.differing.isEmpty)
    for comparison in report.comparisons where !comparison.name.hasPrefix("gradient") {
      #expect(comparison.relative < 1e-5, "\(comparison.name) \(comparison.relative)")
    }
    let names = try SafetensorsFile(path: golden + "/case.safetensors").entries.map(\.name)
    #expect(Set(report.comparisons.map(\.name)) == Set(names.filter { !$0.hasPrefix("input.") }))
    // Every parameter that is learnt has its gradient in the file.
    let weights = try SafetensorsFile(path: weightsPath(at: golden)).entries.map(\.name)
    let learnt = weights.filter { name in
      !["running_mean", "running_var", "num_batches_tracked"].contains { name.hasSuffix($0) }
    }
    #expect(Set(names.filter { $0.hasPrefix("gradient.") }) == Set(learnt.map { "gradient." + $0 }))
    #expect(report.unread.isEmpty)
  }

  @Test(arguments: models) func aChangedWeightIsNoticed(_ model: String) throws {
    let change = try #require(Self.changes[model])
    let copy = try ModelCopy(of: model)
    try copy.changeWeights { $0[change.weight]?[0] += 0.05 }
    let report = try verify(model: copy.model, case: copy.file)
    #expect(report.differing.contains(change.differs))
    #expect(!report.differing.contains(change.stays))
    let error = CaseDifference(report)
    #expect(error.exitCode == .badData)
    #expect(error.description.contains(report.differing[0]))
  }

  /// A weight, what it changes, and what it does not.
  static let changes: [String: (weight: String, differs: String, stays: String)] = [
    "clip-tiny": ("visual_projection.weight", "output.image_embeds", "output.text_embeds"),
    "mobileclip-tiny": ("text.ln_final.bias", "output.text_embeds", "output.image_embeds"),
    "cross-attention-tiny": ("matching_head.output.bias", "output.itm_logits", "output.image_embeds"),
    "cross-attention-tiny/text-to-image": ("text_projection.weight", "output.text_embeds", "output.itm_logits"),
    "masked-text-tiny": ("masked_text_head.bias", "output.mlm_logits", "gradient.visual_projection.weight"),
    "cross-attention-tiny/gated": ("fusion.layers.0.text.dense_gate", "output.itm_logits", "output.image_embeds"),
    "cross-attention-tiny/cells": (
      "fusion.image_norm.bias", "output.region_pixels", "gradient.matching_head.output.bias"
    ),
    "mmbert-tiny": ("visual_tokens.slots.weight", "output.image_embedding", "output.text_embedding"),
    "fusion-tiny/early": ("matching_head.output.bias", "output.itm_logits", "output.pooled"),
    "fusion-tiny/regions": ("masked_text_head.bias", "output.mlm_logits", "output.itm_logits"),
    "fusion-tiny/late-concatenation": ("fusion.late.dense.weight", "output.pooled", "output.text_states"),
    "fusion-tiny/late-gated": ("fusion.late.gates.0.weight", "output.pooled", "output.text_states"),
    "fusion-tiny/late-attention": ("fusion.late.query", "output.pooled", "output.image_states"),
    "fusion-tiny/late-sum": ("fusion.image.norm.bias", "output.pooled", "output.text_states"),
    "fusion-tiny/hybrid": ("fusion.late.candidates.0.weight", "output.pooled", "output.text_states"),
    "fusion-tiny/bottleneck": ("matching_head.output.bias", "output.itm_logits", "output.image_states"),
  ]

  @Test(arguments: [
    "output.image_embeds", "loss.contrastive", "gradient.logit_scale", "gradient.text_projection.weight",
  ])
  func aChangedNumberIsNoticed(_ name: String) throws {
    let copy = try ModelCopy(of: "clip-tiny")
    try copy.changeCase { arrays in
      let largest = arrays[name]?.values.map(\.magnitude).max() ?? 0
      arrays[name]?.values[0] += 3e-4 * largest
    }
    #expect(try verify(model: copy.model, case: copy.file).differing == [name])
    #expect(try verify(model: copy.model, case: copy.file, tolerance: 1e-3).differing.isEmpty)
  }

  /// Queries, keys and values in one array, projections transposed: the layout of open_clip.
  @Test func gradientsMayHaveAnotherLayout() throws {
    let copy = try ModelCopy(of: "clip-tiny")
    try copy.changeCase { arrays in
      let gradients = arrays.filter { $0.key.hasPrefix("gradient.") }
      for name in gradients.keys { arrays[name] = nil }
      let parts = ["q", "k", "v"].compactMap {
        gradients["gradient.text_model.encoder.layers.1.self_attn.\($0)_proj.weight"]?.values
      }
      arrays["gradient.transformer.resblocks.1.attn.in_proj_weight"] = ([96, 32], parts.flatMap { $0 })
      let projection = try #require(gradients["gradient.visual_projection.weight"])
      let columns = (0..<32).flatMap { column in (0..<24).map { projection.values[$0 * 32 + column] } }
      arrays["gradient.visual.proj"] = ([32, 24], columns)
    }
    let report = try verify(model: copy.model, case: copy.file)
    #expect(report.differing.isEmpty)
    #expect(
      report.comparisons.filter { $0.name.hasPrefix("gradient.") }.map(\.shape).sorted { $0[0] < $1[0] } == [
        [32, 24], [96, 32],
      ])
  }

  /// `loss.total` is the sum of the others, and gradients are of it; `gradient_of` names one of them instead.
  @Test func gradientsAreOfTheLossThatIsNamed() throws {
    let copy = try ModelCopy(of: "cross-attention-tiny")
    try copy.changeCase { arrays in
      let losses = arrays.filter { $0.key.hasPrefix("loss.") }.map { $0.value.values[0] }
      arrays["loss.total"] = ([1], [losses.reduce(0, +)])
    }
    let report = try verify(model: copy.model, case: copy.file)
    #expect(report.differing.isEmpty && report.comparisons.contains { $0.name == "loss.total" })
    #expect(report.gradientsOf == ["loss.contrastive", "loss.itm"])
    try copy.changeCase(metadata: [("gradient_of", "loss.itm")]) { _ in }
    let other = try verify(model: copy.model, case: copy.file)
    #expect(other.gradientsOf == ["loss.itm"])
    #expect(other.differing.contains("gradient.visual_projection.weight"))
    #expect(!other.differing.contains("gradient.matching_head.output.bias"))
  }

  /// Whole directories of other programs, with tokenizers, in their layouts and in half precision; more texts than images.
  @Test(arguments: [
    "openai", "openai-fp16", "open-clip-norms-and-gelus", "hugging-face-sharded", "hugging-face-legacy-eos",
  ])
  func layoutsOfOtherProgramsAreRead(_ layout: String) throws {
    let model = "\(goldenDirectory)/layouts/\(layout)"
    let golden = try SafetensorsFile(path: model + "/golden.safetensors")
    let directory = try TemporaryDirectory()
    let names = [
      "pixel_values": "input.pixel_values", "input_ids": "input.input_ids", "logits": "output.logits_per_image",
    ]
    let tensors = try golden.entries.map { entry in
      let tensor = try golden.tensor(entry.name)
      return NamedTensor(
        name: try #require(names[entry.name]), elementType: tensor.elementType, shape: tensor.shape, bytes: tensor.bytes
      )
    }
    try withExtendedLifetime(golden) { try writeSafetensors(tensors, to: directory("case.safetensors")) }
    let report = try verify(model: model, case: directory("case.safetensors"))
    #expect(report.differing.isEmpty && report.comparisons.map(\.shape) == [[3, 4]])
  }

  /// Losses of features, from the features that PyTorch computed.
  @Test func lossesOfFeaturesAreTheirDefinitions() throws {
    let copy = try ModelCopy(of: "clip-tiny")
    try copy.addLogitBias(-2)
    try copy.changeCase { arrays in
      let (images, texts) = (try #require(arrays["output.image_embeds"]), try #require(arrays["output.text_embeds"]))
      let scale = (arrays["output.logits_per_image"]?.values[0] ?? 0) / cosine(images.values, texts.values, 0, 0)
      var (sigmoid, related, unrelated): (Float, Float, Float) = (0, 0, 0)
      for (image, text) in (0..<16).map({ ($0 / 4, $0 % 4) }) {
        let cosine = cosine(images.values, texts.values, image, text)
        sigmoid += log(1 + exp((image == text ? -1 : 1) * (scale * cosine - 2))) / 4
        if image == text { related += (1 - cosine) / 4 } else { unrelated += max(0, cosine - 0.2) / 12 }
      }
      for name in arrays.keys where name.hasPrefix("gradient.") || name.hasPrefix("output.logits") {
        arrays[name] = nil
      }
      arrays["loss.sigmoid"] = ([], [sigmoid])
      arrays["loss.cosine_margin"] = ([], [related + unrelated])
    }
    let report = try verify(model: copy.model, case: copy.file)
    #expect(report.differing.isEmpty && report.comparisons.count == 5)
  }

  @Test func whatNothingReadsIsTold() throws {
    let copy = try ModelCopy(of: "clip-tiny")
    try copy.changeCase { arrays in
      for name in arrays.keys where !name.hasPrefix("input.") && name != "output.image_embeds" { arrays[name] = nil }
    }
    let report = try verify(model: copy.model, case: copy.file)
    #expect(report.comparisons.map(\.name) == ["output.image_embeds"] && report.gradientsOf.isEmpty)
    #expect(Set(report.unread) == ["input.input_ids", "input.attention_mask"])
  }

  @Test func theCommandSaysWhatDiffers() throws {
    let copy = try ModelCopy(of: "clip-tiny")
    let arguments = ["verify", "--model", copy.model, "--case", copy.file]
    let right = try run(builtProgram, arguments)
    #expect(right.status == 0 && right.output.contains("83 arrays of clip, 0 differ"), "\(right.errors)")
    try copy.changeWeights { $0["visual_projection.weight"]?[0] += 0.05 }
    let wrong = try run(builtProgram, arguments + ["--json"])
    #expect(wrong.status == 65 && wrong.errors.contains("of 83 arrays differ by more than 0.0001"), "\(wrong.errors)")
    let document = try JSONSerialization.jsonObject(with: Data(wrong.output.utf8)) as? [String: Any]
    #expect(document?["ok"] as? Bool == false)
    let rows = try #require(document?["arrays"] as? [[String: Any]])
    #expect(rows.first { $0["name"] as? String == "output.image_embeds" }?["ok"] as? Bool == false)
    #expect(rows.first { $0["name"] as? String == "output.text_embeds" }?["ok"] as? Bool == true)
    #expect(rows.first { $0["name"] as? String == "output.text_embeds" }?["shape"] as? [Int] == [4, 24])
  }

  @Test(arguments: [
    ["--model", "."], ["--case", "a"], ["--tolerance", "1"], ["--model", ".", "--case", "a", "--tolerance", "0"],
  ])
  func optionsGoTogether(_ options: [String]) throws {
    let result = try run(builtProgram, ["verify"] + options)
    #expect(result.status == 64 && result.output.isEmpty)
  }
}

/// Between rows of length one.
private func cosine(_ images: [Float], _ texts: [Float], _ image: Int, _ text: Int) -> Float {
  (0..<24).reduce(0) { $0 + images[image * 24 + $1] * texts[text * 24 + $1] }
}

/// A golden model and its case file, to be changed.
struct ModelCopy {
  private let directory: TemporaryDirectory

  init(of name: String) throws {
    directory = try TemporaryDirectory()
    let golden = goldenDirectory + "/" + name
    try makeDirectory(directory("model"))
    for file in ["config.json", "model.safetensors", "open_clip_model.safetensors", "case.safetensors"]
    where fileExists(golden + "/" + file) {
      try FileManager.default.copyItem(atPath: golden + "/" + file, toPath: model + "/" + file)
    }
  }

  var model: String { directory("model") }
  var file: String { model + "/case.safetensors" }

  func changeWeights(_ change: (inout [String: [Float]]) -> Void) throws {
    let path = try weightsPath(at: model)
    let weights = try SafetensorsFile(path: path)
    let kept = try weights.entries.filter { $0.elementType != .float32 }.map { try weights.tensor($0.name) }
    let floats = weights.entries.filter { $0.elementType == .float32 }
    var values = try Dictionary(uniqueKeysWithValues: floats.map { ($0.name, try weights.floats($0.name)) })
    let before = values
    change(&values)
    #expect(values != before)
    let changed = floats.map {
      NamedTensor(name: $0.name, elementType: .float32, shape: $0.shape, copying: values[$0.name] ?? [])
    }
    try writeSafetensors(kept + changed, to: path)
  }

  /// What the sigmoid loss needs.
  func addLogitBias(_ value: Float) throws {
    let path = model + "/config.json"
    let rest = try readFile(path).drop { $0 == UInt8(ascii: "{") }
    try writeAtomically(Array(#"{"logit_bias_init_value": -10,"#.utf8) + rest, to: path)
    let weights = try SafetensorsFile(path: model + "/model.safetensors")
    let bias = NamedTensor(name: "logit_bias", elementType: .float32, shape: [], copying: [value])
    let tensors = try weights.entries.map { try weights.tensor($0.name) } + [bias]
    try withExtendedLifetime(weights) { try writeSafetensors(tensors, to: model + "/model.safetensors") }
  }

  /// Integers stay as they are.
  func changeCase(
    metadata: [(String, String)] = [], _ change: (inout [String: (shape: [Int], values: [Float])]) throws -> Void
  ) throws {
    let old = try SafetensorsFile(path: file)
    let kept = try old.entries.filter { $0.elementType != .float32 }.map { try old.tensor($0.name) }
    var arrays: [String: (shape: [Int], values: [Float])] = [:]
    for entry in old.entries where entry.elementType == .float32 {
      arrays[entry.name] = (entry.shape, try old.floats(entry.name))
    }
    try change(&arrays)
    let changed = arrays.keys.sorted().map { name in
      NamedTensor(
        name: name, elementType: .float32, shape: arrays[name]?.shape ?? [], copying: arrays[name]?.values ?? [])
    }
    try writeSafetensors(kept + changed, metadata: metadata, to: file)
  }
}
