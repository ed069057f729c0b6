import Batching
import Files
import Inference
import TestSupport
import Testing

/// A MobileCLIP that timm's `reparameterize_model` has folded sees and reads as the one that it was made of.
@Suite struct FoldedModelTests {
  @Test func itEncodesAlike() throws {
    let place = try TemporaryDirectory()
    try writePhotos((0..<5).map { "\($0).jpg" }, in: place("photos"))
    let photos = try PhotoFiles(at: [place("photos")])
    let models = try ["mobileclip-tiny", "mobileclip-tiny/folded"].map { weights in
      let directory = place(lastComponent(of: weights))
      try makeDirectory(directory)
      for file in [
        "mobileclip-tiny/config.json", "layouts/openai/tokenizer.json", weights + "/open_clip_model.safetensors",
      ] {
        try writeAtomically(readFile("\(goldenDirectory)/\(file)"), to: directory + "/" + lastComponent(of: file))
      }
      return try LoadedModel(path: directory, threads: 2)
    }
    let seen = try models.map { try $0.encode(photos).features.values }
    #expect(difference(seen[1], seen[0], relative: 1e-5, scale: .largest) == nil)
    let read = try models.map { try $0.encode(["ab cd", "a"]).features.values }
    #expect(difference(read[1], read[0], relative: 1e-5, scale: .largest) == nil)
  }
}
