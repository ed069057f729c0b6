import Files
import Foundation

/// `config.json` and `preprocessor_config.json` of a model.
let modelConfigurationCases: [MalformedCase] = architectureCases + preprocessorCases

private func configuration(_ what: String, _ code: Int32, _ key: String, _ old: String, _ new: String) -> MalformedCase
{
  MalformedCase("config.json: " + what, ["inspect", "IN/model"], code, key) {
    try $0.model { try $0.replace(old, by: new, in: "config.json") }
  }
}

private func whole(
  _ file: String, _ what: String, _ code: Int32, _ key: String, _ text: String
) -> MalformedCase {
  MalformedCase("\(file): \(what)", ["inspect", "IN/model"], code, key) {
    try $0.model { try $0.write(text, to: file) }
  }
}

/// A fusion model of patches and words.
private func fusion(_ kind: String, patch: String = "8", more: String = "") -> String {
  #"{"model_type":"fusion","vision_config":{"model_type":"patches","image_size":32,"patch_size":\#(patch),"hidden_size":8},"#
    + #""text_config":{"model_type":"words","vocab_size":573,"max_position_embeddings":16,"hidden_size":8},"#
    + #""fusion_config":{\#(kind),"hidden_size":8,"intermediate_size":16,"num_hidden_layers":2,"num_attention_heads":2,"#
    + #""hidden_act":"gelu","layer_norm_eps":1e-5}\#(more)}"#
}

private let fusionCases: [MalformedCase] = [
  ("a kind that nobody knows", 78, "fusion_config.kind", fusion(#""kind":"middle""#)),
  ("no kind", 65, "fusion_config.kind", fusion(#""late":"sum""#)),
  ("a late fusion without a way", 65, "fusion_config.late", fusion(#""kind":"late""#)),
  (
    "bottlenecks that one layer sees", 65, "two layers at least",
    fusion(#""kind":"bottleneck","bottlenecks":4,"bottleneck_layer":1"#)
  ),
  (
    "a billion bottlenecks", 65, "a number of bottlenecks",
    fusion(#""kind":"bottleneck","bottlenecks":1000000000,"bottleneck_layer":0"#)
  ),
  (
    "bottlenecks before the first layer", 65, "layer -1",
    fusion(#""kind":"bottleneck","bottlenecks":4,"bottleneck_layer":-1"#)
  ),
  ("patches of nothing in a fusion", 65, "a patch size of 0", fusion(#""kind":"early""#, patch: "0")),
  (
    "texts longer than there are positions", 65, "a context length of 99",
    fusion(#""kind":"early""#, more: #","text_context_length":99"#)
  ),
  (
    "an MMBERT on patches", 78, "vision_config",
    #"{"model_type":"mmbert","vision_stages":3,"vision_config":{"model_type":"patches","image_size":32,"patch_size":8,"hidden_size":8}}"#
  ),
  (
    "an MMBERT of more stages than there are", 65, "5 stages of a network that has 3",
    #"{"model_type":"mmbert","vision_stages":5,"vision_config":{"model_type":"resnet","depths":[1,1],"hidden_sizes":[8,8]}}"#
  ),
].map { whole("config.json", $0.0, $0.1, $0.2, $0.3) }

private let architectureCases: [MalformedCase] =
  fusionCases + [
    whole("config.json", "nothing", 65, "config.json", ""),
    whole("config.json", "an open brace", 65, "config.json", "{"),
    whole("config.json", "a list", 65, "config.json", "[]"),
    whole("config.json", "no type", 65, "model_type", "{}"),
    whole("config.json", "BERT", 78, "this is a BERT", #"{"model_type":"bert"}"#),
    whole("config.json", "a type with an escape code", 78, #"\u{1b}"#, #"{"model_type":"\u001b[2J"}"#),
    whole("config.json", "a type that is a number", 65, "model_type", #"{"model_type":1}"#),
    whole("config.json", "lists of a million levels", 65, "config.json", String(repeating: "[", count: 1_000_000)),
    whole("config.json", "two mebibytes", 65, "more than the 1048576 allowed", String(repeating: " ", count: 2 << 20)),
    whole("config.json", "a fusion that is missing", 65, "fusion", #"{"model_type":"cross-attention"}"#),
  ]
  + [
    ("a width of nothing", #""hidden_size" : 32"#, #""hidden_size" : 0"#),
    ("a negative width", #""hidden_size" : 32"#, #""hidden_size" : -32"#),
    ("a width that heads do not divide", #""num_attention_heads" : 2"#, #""num_attention_heads" : 3"#),
    ("no heads", #""num_attention_heads" : 2"#, #""num_attention_heads" : 0"#),
    ("a width of 10^12", #""hidden_size" : 32"#, #""hidden_size" : 1000000000000"#),
    ("a width of 2^63 - 1", #""hidden_size" : 32"#, #""hidden_size" : 9223372036854775807"#),
    ("a width of 10^20", #""hidden_size" : 32"#, #""hidden_size" : 100000000000000000000"#),
    ("a width in quotes", #""hidden_size" : 32"#, #""hidden_size" : "32""#),
    ("a width with a fraction", #""hidden_size" : 32"#, #""hidden_size" : 32.5"#),
    ("no layers", #""num_hidden_layers" : 2"#, #""num_hidden_layers" : -1"#),
    ("a billion layers", #""num_hidden_layers" : 2"#, #""num_hidden_layers" : 1000000000"#),
    ("patches of nothing", #""patch_size" : 8"#, #""patch_size" : 0"#),
    ("patches that do not tile", #""patch_size" : 8"#, #""patch_size" : 7"#),
    ("patches larger than the picture", #""patch_size" : 8"#, #""patch_size" : 64"#),
    ("a picture of nothing", #""image_size" : 32"#, #""image_size" : 0"#),
    ("a picture of 2^62 pixels", #""image_size" : 32"#, #""image_size" : 4611686018427387904"#),
    ("no tokens of text", #""max_position_embeddings" : 16"#, #""max_position_embeddings" : 0"#),
    ("features of nothing", #""projection_dim" : 24"#, #""projection_dim" : 0"#),
    ("features of 10^15", #""projection_dim" : 24"#, #""projection_dim" : 1000000000000000"#),
  ].map { configuration($0.0, 65, "config.json", $0.1, $0.2) }
  + [
    configuration(
      "an unknown activation", 78, #"hidden_act is "mish""#, #""hidden_act" : "quick_gelu""#, #""hidden_act" : "mish""#),
    configuration(
      "a key that nobody knows", 78, "vision_config.patch_sise (did you mean patch_size?)", #""patch_size""#,
      #""patch_sise": 3, "patch_size""#),
    configuration(
      "heads that were cut out", 78, "pruned_heads", #""patch_size""#, #""pruned_heads": {"0": [1]}, "patch_size""#),
    configuration(
      "fewer embeddings than tokens", 65, "the model has embeddings for 100", #""vocab_size" : 573"#,
      #""vocab_size" : 100"#),
  ]

private let file = "preprocessor_config.json"

private let preprocessorCases: [MalformedCase] =
  [
    ("nothing", ""), ("a list", "[]"), ("no size", "{}"), ("an open brace", "{"),
  ].map { whole(file, $0.0, 65, file, $0.1) }
  + [
    ("a size of nothing", #""shortest_edge": 32"#, #""shortest_edge": 0"#),
    ("a negative size", #""shortest_edge": 32"#, #""shortest_edge": -32"#),
    ("a size in quotes", #""shortest_edge": 32"#, #""shortest_edge": "32""#),
    ("two colours", "0.48145466,", ""),
    ("a colour that is text", "0.48145466", "\"red\""),
    ("a deviation of nothing", "0.26862954", "0"),
    ("a mean of 1e999", "0.48145466", "1e999"),
  ].map { preprocessor($0.0, 65, file, $0.1, $0.2) }
  + [
    preprocessor(
      "a crop that is larger than the picture", 78, "crop_size", #""shortest_edge": 32"#, #""shortest_edge": 31"#),
    preprocessor("no resizing", 78, "do_resize is false", #""do_resize": true"#, #""do_resize": false"#),
    preprocessor(
      "another scale", 78, "rescale_factor is 1", #""rescale_factor": 0.00392156862745098"#, #""rescale_factor": 1.0"#),
    preprocessor("an unknown filter", 78, "resample is 5", #""resample": 3"#, #""resample": 5"#),
    preprocessor(
      "a type that nobody knows", 78, "image_processor_type", "CLIPImageProcessor", "FlavaImageProcessor"),
    preprocessor("a key that nobody knows", 78, "do_thumbnail", #""do_resize""#, #""do_thumbnail": true, "do_resize""#),
  ]

private func preprocessor(
  _ what: String, _ code: Int32, _ key: String, _ old: String, _ new: String
) -> MalformedCase {
  MalformedCase("\(file): \(what)", ["inspect", "IN/model"], code, key) {
    try $0.model { try $0.replace(old, by: new, in: file) }
  }
}
