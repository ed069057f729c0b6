import Files
import TestSupport

/// Calibrations that are none, or are another model's; splits that nothing can be calibrated on, and groups that nobody is of.
let calibrationCases: [MalformedCase] =
  [
    kept("rubbish", 65, "it is no calibration") { _ in "{" },
    kept("other weights", 66, "was made for other weights (000000000000)") { $0 },
    kept("another version", 65, "it is of version 7, and this mmtrain reads 1") {
      $0.replacing(#""version":1"#, with: #""version":7"#)
    },
    kept("a risk above all", 65, "risk is 1.5, and has to be between 0 and 1") {
      $0.replacing(#""risk":0.1"#, with: #""risk":1.5"#)
    },
    kept("no doubt", 65, "doubt is 0.0, and has to be between 0 and 1") {
      $0.replacing(#""doubt":0.05"#, with: #""doubt":0"#)
    },
    kept("a temperature below zero", 65, "a temperature of -1.5 is none") {
      $0.replacing(#""value":1.5"#, with: #""value":-1.5"#)
    },
    kept("a list in the place of the classes' number", 65, "it is no calibration") {
      $0.replacing(#""samples":40,"classes""#, with: #""samples":[],"classes""#)
    },
    asked("too few samples", ["calibrate"], 65, "not enough data: 2 samples with a known class, and at least 20"),
    asked("no such split", ["calibrate", "--split", "dreams"], 66, "dreams"),
    asked("groups of nobody", ["evaluate", "--by", "group"], 65, "has no group to group by"),
    asked("a label that nobody has", ["evaluate", "--by", "label:shape"], 65, "has no label:shape to group by"),
    asked("groups by two, and one that nobody has", ["evaluate", "--by", "group,label:shape"], 65, "to group by"),
    MalformedCase(
      "calibration: a model without classes",
      ["calibrate", "--checkpoint", "IN/model", "--data", "IN/set", "--split", "validation", "--threads", "1"], 78,
      "was trained for pretraining, which tells neither classes nor answers"
    ) {
      try $0.copy(Fixtures.shared().model, to: "model")
      try $0.copy(Fixtures.shared().prepared, to: "set")
    },
  ]

/// A calibration beside the weights of a model of two classes, which is asked for a new photo.
private func kept(
  _ what: String, _ code: Int32, _ key: String, _ change: @escaping @Sendable (String) -> String
) -> MalformedCase {
  let command = ["predict", "--model", "IN/model", "--image", "IN/photos", "--text", "a dog", "--threads", "1"]
  return MalformedCase("calibration: " + what, command, code, key) { inputs in
    try inputs.copy(trainedClasses.get()("run/checkpoints/step-0000001"), to: "model")
    try writePhotos(["a.jpg"], in: inputs("photos"))
    try inputs.write(change(calibration), to: "model/calibration.json")
  }
}

/// What is asked of that model and of the set that it was trained on.
private func asked(_ what: String, _ command: [String], _ code: Int32, _ key: String) -> MalformedCase {
  let split = command.contains("--split") ? [] : ["--split", "validation"]
  return MalformedCase(
    "calibration: " + what,
    command + split + ["--checkpoint", "IN/model", "--data", "IN/set", "--threads", "1"], code, key
  ) { inputs in
    let directory = try trainedClasses.get()
    try inputs.copy(directory("set"), to: "set")
    try inputs.copy(directory("run/checkpoints/step-0000001"), to: "model")
  }
}

private let figures =
  #"{"nll":1,"brier":1,"ece":0,"ece_equal_mass":0,"ece_if_calibrated":0,"aurc":0,"reliability":[]}"#

/// A sound one, for weights that nobody has.
private let calibration =
  #"{"version":1,"weights":"0000000000000000","calibration_set":"c","data":"d","split":"s","samples":40,"classes":["a","b"],"#
  + #""several":false,"temperature":{"value":1.5,"nll_before":1,"nll_after":0.9},"before":"# + figures + #","after":"#
  + figures
  + #","refusal":{"risk":0.1,"doubt":0.05,"samples":40,"taken":40,"mistakes":0,"limit":0.07,"confidence":0.5,"needed":29}}"#
