import Checkpoints
import Files
import Foundation
import TestSupport
import Testing

/// Models in which image and text meet from the start: label maps that do not fit, heads that nobody knows, sizes that weights do
/// not have; and data that they cannot read.
let fusionModelCases: [MalformedCase] = labelCases + headCases + regionSizeCases + regionDataCases

/// A golden model with its case file, of which something is changed.
private func model(
  _ what: String, of golden: String, _ code: Int32, _ key: String,
  _ change: @escaping @Sendable (Inputs) throws -> Void
) -> MalformedCase {
  let command = ["verify", "--model", "IN/model", "--case", "IN/case.safetensors"]
  return MalformedCase("fusion model: " + what, command, code, key) { inputs in
    try makeDirectory(inputs("model"))
    for name in ["config.json", "model.safetensors"] {
      try inputs.copy(goldenDirectory + "/\(golden)/\(name)", to: "model/" + name)
    }
    try inputs.copy(goldenDirectory + "/\(golden)/case.safetensors", to: "case.safetensors")
    try change(inputs)
  }
}

private func configuration(
  _ what: String, of golden: String, _ code: Int32, _ key: String, _ old: String, _ new: String
) -> MalformedCase {
  model(what, of: golden, code, key) { try $0.replace(old, by: new, in: "model/config.json") }
}

private func weights(
  _ what: String, of golden: String, _ key: String, _ change: @escaping @Sendable (inout [NamedTensor]) throws -> Void
) -> MalformedCase {
  model(what, of: golden, 78, key) { inputs in
    let file = try SafetensorsFile(path: goldenDirectory + "/\(golden)/model.safetensors")
    var tensors = try file.entries.map { try file.tensor($0.name) }
    try change(&tensors)
    try writeSafetensors(tensors, to: inputs("model/model.safetensors"))
  }
}

/// Answers of a ViLT whose head has five, and of models whose heads have five others.
private let labelCases: [MalformedCase] =
  [
    model("a label too few", of: "vilt-tiny", 65, "id2label names 4 answers, and the head for them has 5") { inputs in
      try inputs.replace(",\n    \"4\": \"a dog\"", by: "", in: "model/config.json")
      try inputs.replace("\"a dog\": 4,", by: "", in: "model/config.json")
    },
    configuration(
      "a label without a number", of: "vilt-tiny", 78, "id2label", "\"4\": \"a dog\"", "\"four\": \"a dog\""),
    configuration("a number left out", of: "vilt-tiny", 78, "id2label", "\"4\": \"a dog\"", "\"5\": \"a dog\""),
    configuration("a negative number", of: "vilt-tiny", 78, "id2label", "\"4\": \"a dog\"", "\"-1\": \"a dog\""),
    configuration("a label that is a number", of: "vilt-tiny", 65, "id2label", "\"4\": \"a dog\"", "\"4\": 7"),
    configuration("labels that are a list", of: "vilt-tiny", 65, "label2id", "\"a dog\": 4", "\"a dog\": [4]"),
    configuration(
      "numbers that labels do not have", of: "vilt-tiny", 78, "label2id", "\"a dog\": 4", "\"a dog\": 3"),
  ]
  + [("uniter-tiny", "\"img_dim\": 9", 7), ("vilbert-tiny", "\"v_feature_size\": 7", 8)].flatMap { golden, key, count in
    [
      configuration(
        "labels of another head, \(golden)", of: golden, 65,
        "id2label names 1 answers, and the head for them has \(count)", key,
        key + ", \"id2label\": {\"0\": \"yes\"}"),
      configuration(
        "a number left out, \(golden)", of: golden, 78, "id2label", key, key + ", \"id2label\": {\"1\": \"yes\"}"),
    ]
  }

private func head(_ name: String, _ shape: [Int]) -> NamedTensor {
  NamedTensor(
    name: name, elementType: .float32, shape: shape, copying: [Float](repeating: 0, count: shape.reduce(1, *)))
}

/// A head that is not there, or is another model's, is named.
private let headCases: [MalformedCase] =
  [
    ("uniter-tiny", "nlvr2_output.weight", [2, 32]), ("vilt-tiny", "classifier_nlvr2.weight", [2, 36]),
    ("vilbert-tiny", "vil_logit_of_another.weight", [1, 20]),
  ].map { golden, name, shape in
    weights("\(golden) with an unknown head", of: golden, name) { $0.append(head(name, shape)) }
  } + [
    weights("half a head for regions", of: "uniter-tiny", "region_classifier.net.0.weight") { tensors in
      tensors.removeAll { $0.name == "region_classifier.net.0.weight" }
    },
    weights("classes of two numbers", of: "uniter-tiny", "region_classifier.net.3.weight") { tensors in
      let place = try #require(tensors.firstIndex { $0.name == "region_classifier.net.3.bias" })
      tensors[place] = head("region_classifier.net.3.bias", [5])
    },
    weights("a head for pixels of a model without pictures", of: "uniter-tiny", "patch_pixels") { tensors in
      tensors.append(head("patch_pixels.decoder.bias", [48]))
    },
    weights("a head for pixels of other patches", of: "vilt-tiny", "patch_pixels") { tensors in
      tensors.append(head("patch_pixels.decoder.bias", [48]))
    },
  ]

private let regionSizeCases: [MalformedCase] = [
  configuration(
    "regions of no numbers", of: "uniter-tiny", 65, "a width of regions of 0", "\"img_dim\": 9", "\"img_dim\": 0"),
  configuration(
    "regions of another width", of: "uniter-tiny", 78, "img_linear.weight", "\"img_dim\": 9", "\"img_dim\": 10"),
  configuration(
    "regions of 10^15 numbers", of: "uniter-tiny", 65, "a width of regions", "\"img_dim\": 9",
    "\"img_dim\": 1000000000000000"),
  configuration(
    "no region of a photo", of: "uniter-tiny", 65, "a number of regions of 0", "\"img_dim\": 9",
    "\"region_limit\": 0, \"img_dim\": 9"),
  configuration(
    "a tower that nobody knows", of: "uniter-tiny", 78, "this is a Swin Transformer", "\"img_dim\": 9",
    "\"vision_config\": {\"model_type\": \"swin\"}, \"img_dim\": 9"),
]

/// A run on a prepared set without regions.
private func run(_ what: String, _ code: Int32, _ key: String, _ settings: [String]) -> MalformedCase {
  let all =
    [
      "model.text.width=16", "model.text.layers=1", "model.text.heads=2", "data.path=IN/prepared", "batch.global=2",
      "schedule.steps=1", "schedule.warmup_steps=0", "products=openblas",
    ] + settings
  let command = ["train", "--output", "IN/run", "--threads", "1"] + all.flatMap { ["--set", $0] }
  var malformed = MalformedCase("fusion model: " + what, command, code, key) { inputs in
    try inputs.copy(Fixtures.shared().prepared, to: "prepared")
  }
  malformed.owns = "in/run"
  return malformed
}

private let regionDataCases: [MalformedCase] = [
  run("photos without regions", 66, "the data lack the column regions", ["model.name=uniter"]),
  run(
    "classes of an image tower's cells", 78, "cells of an image tower have no classes",
    ["model.name=uniter", "model.vision.encoder=vit", "objective.masked_regions.classes=1"]),
  run(
    "features of patches", 78, "a patch is nothing but its pixels",
    ["model.name=vilt", "objective.masked_regions.features=1"]),
  run(
    "regions of a model without any", 78, "clip has no head for the features of hidden regions",
    ["model.name=clip", "objective.masked_regions.features=1"]),
  run(
    "alignment of streams of two widths", 78, "its streams are 16 and 24 wide",
    [
      "model.name=vilbert", "model.fusion.width=24", "model.fusion.layers=1", "model.fusion.heads=2",
      "objective.alignment=1",
    ]),
  run(
    "a share of all regions", 78, "give a number above 0 and below 1",
    ["model.name=uniter", "objective.masked_regions.share=1"]),
  run(
    "an overlap of 2", 78, "objective.masked_regions.overlap",
    ["model.name=uniter", "objective.masked_regions.overlap=2"]),
  run(
    "a weight for all kinds at once", 78, "objective.masked_regions",
    ["model.name=uniter", "objective.masked_regions=1"]),
]
