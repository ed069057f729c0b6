import Checkpoints
import Files
import Foundation
import Models
import Pretrained
import Reporting
import TestSupport
import Testing

/// MobileCLIPs that timm's `reparameterize_model` has folded before they were saved: only their weights say so.
@Suite struct FoldedWeightsTests {
  private let place: TemporaryDirectory

  init() throws {
    place = try TemporaryDirectory()
    try copy("mobileclip-tiny/config.json")
    try copy("mobileclip-tiny/folded/open_clip_model.safetensors")
    try copy("layouts/openai/tokenizer.json")
  }

  @Test func theirFeaturesAreTimms() throws {
    let directory = try ModelDirectory(path: place.path)
    #expect(directory.foldable?.folding == .branches)
    let model = LoadedModel(directory.description)
    #expect(try directory.loadWeights(into: model.arena).isExact)
    let (batch, golden) = (
      try GoldenFile("mobileclip-tiny/golden.safetensors"), try GoldenFile("mobileclip-tiny/folded/golden.safetensors")
    )
    let found = try model.features(pixels: batch.array("pixel_values"), ids: padded(batch))
    for (features, name) in [(found.image, "image_embeds"), (found.text, "text_embeds")] {
      #expect(difference(features, try golden.floats(name), relative: 5e-6, scale: .largest) == nil, "\(name)")
    }
  }

  /// open_clip's configuration is the same for both, so that only the weights can tell.
  @Test func openCLIPsConfigurationDoesNotDecide() throws {
    try removeTree(place("config.json"))
    let text = #"{"context_length": 77, "vocab_size": 49408, "width": 512, "heads": 8, "layers": 12, "#
    let json =
      #"{"model_cfg": {"embed_dim": 512, "vision_cfg": {"timm_model_name": "fastvit_mci1", "image_size": 256}, "#
      + #""text_cfg": \#(text)"no_causal_mask": true}}}"#
    try writeAtomically(Array(json.utf8), to: place("open_clip_config.json"))
    #expect(try ModelDirectory(path: place.path).foldable?.folding == .branches)
    try removeTree(place("open_clip_model.safetensors"))
    try copy("mobileclip-tiny/open_clip_model.safetensors")
    #expect(try ModelDirectory(path: place.path).foldable?.folding == .unfolded)
  }

  @Test func theyAreNotExported() throws {
    let error = #expect(throws: PretrainedError.self) {
      try exportModel(ModelDirectory(path: place.path), as: .openCLIP, to: place("out"))
    }
    #expect(error?.exitCode == .configuration && error?.description.contains("with their branches") == true)
  }

  /// One block as it was trained, the others folded.
  @Test func halfOfAFoldingIsRefused() throws {
    let path = place("open_clip_model.safetensors")
    let (folded, trained) = (
      try SafetensorsFile(path: path),
      try SafetensorsFile(path: "\(goldenDirectory)/mobileclip-tiny/open_clip_model.safetensors")
    )
    let block = "visual.trunk.stem.1."
    let tensors =
      try folded.entries.filter { !$0.name.hasPrefix(block) }.map { try folded.tensor($0.name) }
      + trained.entries.filter { $0.name.hasPrefix(block) }.map { try trained.tensor($0.name) }
    try writeSafetensors(tensors, to: path)
    let directory = try ModelDirectory(path: place.path)
    let error = #expect(throws: CheckpointError.self) { try directory.requireFittingWeights() }
    #expect(error?.exitCode == .configuration)
    for words in ["others are not, as visual.trunk.stem.1: fold all of the model", "stem.1.reparam_conv.weight"] {
      #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
    }
  }

  private func copy(_ name: String) throws {
    try writeAtomically(readFile("\(goldenDirectory)/\(name)"), to: place(lastComponent(of: name)))
  }

  /// The captions of the golden batch, filled up with 0.
  private func padded(_ batch: GoldenFile) throws -> [Int32] {
    let (ids, offsets) = (try batch.integers("ids"), try batch.integers("offsets"))
    return zip(offsets, offsets.dropFirst()).flatMap { first, end -> [Int32] in
      let caption = ids[first..<end].map { Int32($0) }
      return caption + [Int32](repeating: 0, count: 12 - caption.count)
    }
  }
}

extension ModelDirectory {
  fileprivate var foldable: (any FoldableDescription)? { description as? any FoldableDescription }
}
