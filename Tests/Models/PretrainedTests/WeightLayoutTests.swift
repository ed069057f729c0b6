import Layers
import Models
import Pretrained
import TestSupport
import Testing

/// Where open_clip keeps what Hugging Face names otherwise.
@Suite struct WeightLayoutTests {
  @Test func theLayoutShowsInTheKeys() {
    #expect(WeightLayout(keys: ["logit_scale", "vision_model.post_layernorm.bias"]) == .huggingFace)
    #expect(WeightLayout(keys: ["visual.proj", "token_embedding.weight"]) == .openCLIP(textPrefix: ""))
    #expect(WeightLayout(keys: ["text.ln_final.bias", "visual.proj"]) == .openCLIP(textPrefix: "text."))
  }

  @Test func everyParameterHasItsPlace() {
    let layout = WeightLayout.openCLIP(textPrefix: "text.")
    let block = "vision_model.encoder.layers.11."
    #expect(
      layout.source(of: block + "self_attn.k_proj.bias")
        == WeightSource(key: "visual.transformer.resblocks.11.attn.in_proj_bias", part: (1, 3)))
    #expect(
      layout.source(of: block + "mlp.fc2.weight")
        == WeightSource(key: "visual.transformer.resblocks.11.mlp.c_proj.weight"))
    #expect(
      layout.source(of: "text_projection.weight") == WeightSource(key: "text.text_projection", isTransposed: true))
    #expect(layout.source(of: "vision_model.pre_layrnorm.weight") == WeightSource(key: "visual.ln_pre.weight"))
    #expect(layout.source(of: "logit_scale") == WeightSource(key: "logit_scale"))
    let builder = ParameterBuilder()
    _ = CLIP(CLIPConfiguration(), builder)
    let keys = builder.parameters.flatMap { $0.slices }.map { layout.source(of: $0.name) }
    #expect(Set(keys.map(\.key)).count == 302)
    #expect(keys.allSatisfy { !$0.key.contains("_model.") && !$0.key.contains("q_proj") })
  }
}
