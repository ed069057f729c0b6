/// Configuration files, and what --set says.
let configurationCases: [MalformedCase] = valueCases + keyCases + documentCases + settingCases + agreementCases

private func yaml(_ what: String, _ text: String, code: Int32 = 78, _ key: String) -> MalformedCase {
  yaml(what, bytes: Array(text.utf8), code: code, key)
}

private func yaml(_ what: String, bytes: [UInt8], code: Int32 = 78, _ key: String) -> MalformedCase {
  MalformedCase("configuration: " + what, ["train", "--config", "IN/run.yaml", "--dry-run"], code, key) {
    try $0.write(bytes, to: "run.yaml")
  }
}

private func setting(_ what: String, _ setting: String, _ key: String) -> MalformedCase {
  MalformedCase("--set: " + what, ["train", "--dry-run", "--set", setting], 78, key) { _ in }
}

private let valueCases: [MalformedCase] = [
  yaml("a word for a number", "seed: x", "run.yaml:1:7: seed: 'x' is not a whole number"),
  yaml("a negative seed", "\nseed: -1", "run.yaml:2:7: seed: -1 is out of range"),
  yaml("a fraction for a whole number", "seed: 1.5", "'1.5' is not a whole number"),
  yaml("a number of twenty digits", "seed: 99999999999999999999", "is not a whole number"),
  yaml("a hexadecimal number", "seed: 0x10", "'0x10' is not"),
  yaml("an octal number", "seed: 0o17", "'0o17' is not"),
  yaml("a number in sixties", "seed: 1:30", "'1:30' is not"),
  yaml("a number in quotes", "seed: \"3\"", "is in quotes"),
  yaml("no value", "seed:", "has no value"),
  yaml("null", "seed: ~", "has no value"),
  yaml("a list for a number", "seed: [1]", "is a list"),
  yaml("a group for a number", "seed: { a: 1 }", "is a group of keys"),
  yaml("NaN", "optimizer: { learning_rate: .nan }", "'.nan' is not a number"),
  yaml("infinity", "optimizer: { learning_rate: .inf }", "'.inf' is not a number"),
  yaml("a number too large for a double", "optimizer: { learning_rate: 1e999 }", "'1e999' is not a number"),
  yaml("a negative learning rate", "optimizer: { learning_rate: -1e-4 }", "is out of range"),
  yaml("a learning rate with a unit", "optimizer: { learning_rate: 1e-4x }", "is not a number"),
  yaml("a formula", "optimizer: { learning_rate: 1/3 }", "is not a number"),
  yaml("a decimal comma", "optimizer: { learning_rate: \"0,1\" }", "is in quotes"),
  yaml("a beta of one", "optimizer: { beta1: 1 }", "give a number from 0 and below 1"),
  yaml("an epsilon of nothing", "optimizer: { epsilon: 0 }", "above 0"),
  yaml("negative epochs", "schedule: { epochs: -3 }", "schedule.epochs: -3 is out of range"),
  yaml("no epochs", "schedule: { epochs: 0 }", "schedule.epochs: 0 is out of range"),
  yaml("epochs and steps", "schedule: { epochs: 1, steps: 1 }", "keep one"),
  yaml("yes for true", "data: { shuffle: yes }", "is not true or false"),
  yaml("a misspelt choice", "data: { caption: fist }", "did you mean first?"),
  yaml("a precision that is none", "precision: fp16", "did you mean fp32?"),
  yaml("a model that is none", "model: { name: clap }", "did you mean clip?"),
  yaml("an empty path", "data: { path: '' }", "is empty"),
  yaml("an escape code in a path", #"data: { path: "\e[2J" }"#, "holds control characters"),
  yaml("a NUL in a path", #"data: { path: "a\0b" }"#, "holds control characters"),
  yaml("a text for a list", "initialize: { freeze: a }", "is one value; give a list"),
  yaml("a list of lists", "initialize: { freeze: [[a]] }", "holds a group or a list"),
  yaml("a batch of nothing", "batch: { global: 0 }", "batch.global: 0 is out of range"),
  yaml("a batch of 10^18", "batch: { global: 1000000000000000000 }", "batch.global"),
  yaml("heads that do not divide the width", "model: { vision: { heads: 7 } }", "model.vision"),
  yaml("patches that do not tile", "model: { vision: { patch_size: 7 } }", "model.vision"),
  yaml("a width of 2^62", "model: { vision: { width: 4611686018427387904 } }", "model.vision.width"),
  yaml("a picture of 2^31 pixels a side", "model: { vision: { image_size: 2147483648 } }", "model.vision.image_size"),
]

private let keyCases: [MalformedCase] = [
  yaml("a misspelt key", "optimizer: { learning_rat: 1 }", "did you mean optimizer.learning_rate?"),
  yaml("a short name", "optimizer: { lr: 1 }", "did you mean optimizer.learning_rate?"),
  yaml("a key without its group", "learning_rate: 1", "did you mean optimizer.learning_rate?"),
  yaml("another program's key", "batch_size: 1", "did you mean batch.global?"),
  yaml("a misspelt group", "optimiser: { lr: 1 }", "did you mean optimizer?"),
  yaml("a key like no other", "zzzzzzzzzzzz: 1", "docs/configuration.md lists the keys"),
  yaml("an escape code for a key", #""a\eb": 1"#, #"unknown key a\u{1b}b"#),
  yaml("a list for a key", "[a]: 1", "a key must be a word"),
  yaml("a key with dots", "optimizer.beta1: 0.5", "names with dots are for --set"),
  yaml("a value for a group", "optimizer: 5", "is a group of keys"),
  yaml("a key twice", "seed: 1\nseed: 2", "key 'seed' is given twice"),
  yaml("a key twice in a group", "batch: { global: 4, global: 5 }", "key 'global' is given twice"),
  yaml("a group twice", "batch: { global: 4 }\nbatch: { micro: 4 }", "key 'batch' is given twice"),
]

private let documentCases: [MalformedCase] = [
  yaml("an anchor", "a: &x 1\nb: *x", "anchors (&) and aliases (*)"),
  yaml("an alias to nothing", "seed: *x", "anchors (&) and aliases (*)"),
  yaml("a merge key", "<<: *x", "anchors (&) and aliases (*)"),
  yaml(
    "an alias bomb",
    "a: &a [x,x,x,x,x,x,x,x,x]\n" + (1...40).map { "a\($0): &a\($0) [*a,*a,*a,*a,*a,*a,*a,*a]\n" }.joined(), "anchors"),
  yaml("a list", "- a", "the file must hold `key: value` lines"),
  yaml("a word", "clip", "the file must hold `key: value` lines"),
  yaml("an open bracket", "a: [b", "is not YAML here"),
  yaml("an open quote", "output: \"a", "is not YAML here"),
  yaml("a tab for indentation", "\tseed: 1", "is not YAML here"),
  yaml("two documents", "seed: 1\n---\nseed: 2", "is not YAML here"),
  yaml("a control character", "a: \u{1}", "is not YAML"),
  yaml("a hundred thousand brackets", String(repeating: "[", count: 100_000), "run.yaml"),
  yaml("a hundred thousand braces", String(repeating: "{a: ", count: 100_000), "run.yaml"),
  yaml("a tag that would run code", "output: !!python/object/apply:os.system [id]", "is a list"),
  yaml("not UTF-8", bytes: [0x73, 0xFF, 0xFE], "is not UTF-8"),
  yaml("UTF-16", bytes: [0xFF, 0xFE] + Array("seed: 1".utf8).flatMap { [$0, 0] }, "is not UTF-8"),
  yaml("two mebibytes", String(repeating: " ", count: 2 << 20), code: 65, "more than the 1048576 allowed"),
  MalformedCase("configuration: no such file", ["train", "--config", "IN/none.yaml", "--dry-run"], 66, "no such file") {
    _ in
  },
]

private let settingCases: [MalformedCase] = [
  setting("no value", "optimizer.learning_rate", "is not key=value"),
  setting("a group", "optimizer=1", "is a group of keys"),
  setting("no key", "=1", "unknown key"),
  setting("an empty value", "output=", "is empty"),
  setting("a command for a value", "seed=$(id)", "'$(id)' is not a whole number"),
  setting("an open list", "initialize.freeze=[a", "initialize.freeze"),
  setting("an escape code", "output=\u{1B}[2J", "holds control characters"),
  setting("an unknown key", "optimizer.lr=1", "did you mean optimizer.learning_rate?"),
]

private func training(_ what: String, _ settings: [String], _ code: Int32, _ key: String) -> MalformedCase {
  let given = ["data.path=IN/prepared", "schedule.steps=2", "schedule.warmup_steps=0"] + settings
  var malformed = MalformedCase(
    "training: " + what, ["train", "--output", "IN/run", "--threads", "1"] + given.flatMap { ["--set", $0] }, code, key
  ) { try $0.copy(Fixtures.shared().prepared, to: "prepared") }
  malformed.owns = "in/run"
  return malformed
}

/// Configurations that are right by themselves, but not for the data or the model that they name.
private let agreementCases: [MalformedCase] = [
  training("a batch larger than the split", ["batch.global=64"], 78, "has 6 samples"),
  training("a split that is not there", ["batch.global=2", "data.split=test"], 66, "has no split test"),
  training("weights that are not there", ["batch.global=2", "initialize.weights=IN/none"], 66, "none: no such file"),
  training("no data there", ["batch.global=2", "data.path=IN/none"], 66, "none: no manifest.json there"),
  training("a batch of one", ["batch.global=1"], 78, "batch.global"),
  training("a photo for data", ["batch.global=2", "data.path=IN/prepared/index.tsv"], 66, "no manifest.json there"),
]
