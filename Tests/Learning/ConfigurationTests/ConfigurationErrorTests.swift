import Configuration
import Files
import Reporting
import Testing

/// What is said about a wrong configuration: the place, the key, what to do; and everything at once.
@Suite struct ConfigurationErrorTests {
  @Test(arguments: [
    ("seed: x", "run.yaml:1:7: seed: 'x' is not a whole number from 0"),
    ("\nseed: -1", "run.yaml:2:7: seed: -1 is out of range; give a whole number from 0"),
    ("seed: 1.5", "run.yaml:1:7: seed: '1.5' is not a whole number"),
    ("seed: 99999999999999999999", "run.yaml:1:7: seed: '99999999999999999999' is not a whole number"),
    ("seed: 0x10", "run.yaml:1:7: seed: '0x10' is not"),
    ("seed: \"3\"", "run.yaml:1:7: seed: \"3\" is in quotes, so it is text"),
    ("seed:", "seed: has no value; give a whole number"),
    ("seed: ~", "run.yaml:1:7: seed: has no value"),
    ("seed: [1]", "run.yaml:1:7: seed: is a list; give"),
    ("seed: { a: 1 }", "run.yaml:1:7: seed: is a group of keys; give"),
    ("optimizer: { learning_rate: .nan }", "run.yaml:1:29: optimizer.learning_rate: '.nan' is not a number"),
    ("optimizer: { learning_rate: nan }", "'nan' is not a number from 0 to 10"),
    ("optimizer: { learning_rate: .inf }", "'.inf' is not a number"),
    ("optimizer: { learning_rate: 1e999 }", "'1e999' is not a number"),
    ("optimizer: { beta1: 1 }", "optimizer.beta1: 1 is out of range; give a number from 0 and below 1"),
    ("optimizer: { epsilon: 0 }", "optimizer.epsilon: 0 is out of range; give a number above 0 to 1"),
    ("schedule: { epochs: -3 }", "schedule.epochs: -3 is out of range; give a whole number from 1 to"),
    ("data: { shuffle: yes }", "data.shuffle: 'yes' is not true or false"),
    ("data: { caption: fist }", "data.caption: 'fist' is not known; did you mean first?"),
    ("data: { path: '' }", "data.path: is empty"),
    ("data: { path: \"a\\u0007b\" }", "holds control characters"),
    ("data: { workers: many }", "data.workers: 'many' is not a whole number from 1 to 256, or auto"),
    ("precision: fp16", "'fp16' is not known; did you mean fp32? Give auto, fp32 or bf16"),
    ("initialize: { freeze: a }", "initialize.freeze: 'a' is one value; give a list"),
    ("initialize: { freeze: [[a]] }", "initialize.freeze: holds a group or a list"),
    ("optimizer: 5", "run.yaml:1:12: optimizer is a group of keys; put them below it"),
    ("- a", "the file must hold `key: value` lines"),
    ("[a]: 1", "a key must be a word"),
    ("optimizer.beta1: 0.5", "names with dots are for --set; write optimizer: { beta1: … }"),
    ("model: { vision.width: 128 }", "model.vision.width: names with dots are for --set; write vision: { width: … }"),
  ])
  func values(text: String, expected: String) {
    expect(text, complains: expected)
  }

  @Test(arguments: [
    ("optimizer: { learning_rat: 1 }", "unknown key optimizer.learning_rat; did you mean optimizer.learning_rate?"),
    ("optimizer: { lr: 1 }", "run.yaml:1:14: unknown key optimizer.lr; did you mean optimizer.learning_rate?"),
    ("learning_rate: 1", "did you mean optimizer.learning_rate?"),
    ("batch_size: 1", "did you mean batch.global?"),
    ("epochs: 1", "did you mean schedule.epochs?"),
    ("optimiser: { lr: 1 }", "unknown key optimiser; did you mean optimizer?"),
    ("model: { visoin: { width: 1 } }", "unknown key model.visoin; did you mean model.vision?"),
    ("model: { vision: { image: 1 } }", "unknown key model.vision.image"),
    ("zzzzzzzzzzzz: 1", "unknown key zzzzzzzzzzzz; docs/configuration.md lists the keys"),
    ("\"a\\eb\": 1", "unknown key a\\u{1b}b"),
  ])
  func unknownKeys(text: String, expected: String) {
    expect(text, complains: expected)
  }

  @Test(arguments: [
    ("seed: 1\nseed: 2", "run.yaml:2:1: key 'seed' is given twice"),
    ("batch:\n  global: 4\n  # again\n  micro: 2\n  global : 5\n", "run.yaml:5:3: key 'global' is given twice"),
    ("batch: { global: 4, global: 5 }", "key 'global' is given twice"),
    ("a: &x 1\nb: *x", "run.yaml:1:4: anchors (&) and aliases (*) are not taken here"),
    ("seed: *x", "run.yaml:1:7: anchors"),
    ("<<: *x", "anchors"),
    ("a: [b", "is not YAML here"),
    ("\tseed: 1", "is not YAML here"),
    ("seed: 1\n---\nseed: 2", "is not YAML here"),
    ("a: \u{1}", "is not YAML"),
  ])
  func documents(text: String, expected: String) {
    expect(text, complains: expected)
  }

  @Test func starsInQuotesAndWordsAreFine() throws {
    let configuration = try RunConfiguration(
      yaml: "# notes: *important*\noutput: runs/a & b*c\ndata: { path: '*x' }  # - *y", name: "a")
    #expect(configuration.output == "runs/a & b*c")
    #expect(configuration.data.path == "*x")
  }

  @Test func anAliasBombIsRefusedAtOnce() {
    var text = "a: &a [x, x, x, x, x, x, x, x, x]\n"
    for level in 1...40 { text += "a\(level): &a\(level) [*a, *a, *a, *a, *a, *a, *a, *a]\n" }
    text += "? *a40\n: 1\n"
    expect(text, complains: "run.yaml:1:4: anchors")
  }

  @Test func deepNestingIsRefused() {
    expect(String(repeating: "[", count: 100_000), complains: "run.yaml")
    expect(String(repeating: "{a: ", count: 100_000), complains: "run.yaml")
    let deep = String(repeating: "[", count: 900) + String(repeating: "]", count: 900)
    expect("seed: " + deep, complains: "seed: is a list")
  }

  @Test func everythingIsToldAtOnce() {
    let text = "seed: x\nbatch: { size: 4, global: 0 }\nprecision: fp8\n"
    let error = #expect(throws: ConfigurationError.self) {
      try RunConfiguration(yaml: text, name: "run.yaml", settings: [.init("data.workers"), .init("model.name=clap")])
    }
    #expect(error?.exitCode == .configuration)
    #expect(
      error?.problems.map(\.place) == [
        "run.yaml:1:7", "run.yaml:2:10", "run.yaml:2:27", "run.yaml:3:12", "--set data.workers",
        "--set model.name=clap",
      ])
    #expect(error?.description.hasPrefix("6 things are wrong in the configuration:\n  run.yaml:1:7: seed") == true)
  }

  @Test func manyProblemsAreCutShort() {
    let text = (0..<100).map { "unknown\($0): 1\n" }.joined()
    let error = #expect(throws: ConfigurationError.self) { try RunConfiguration(yaml: text, name: "a") }
    #expect(error?.problems.count == 100)
    #expect(error?.description.split(separator: "\n").count == 22)
  }

  @Test(arguments: [
    ("optimizer.learning_rate", "is not key=value"),
    ("optimizer=1", "optimizer is a group of keys; name one of its keys"),
    ("optimizer.lr=1", "did you mean optimizer.learning_rate?"),
    ("model.fusion.match=operations", "did you mean model.match.what?"),
    ("=1", "unknown key"),
    ("output=", "output: is empty"),
    ("seed=$(id)", "'$(id)' is not a whole number"),
    ("initialize.freeze=[a, ]", "initialize.freeze: is empty"),
  ])
  func settings(text: String, expected: String) {
    let error = #expect(throws: ConfigurationError.self) { try RunConfiguration(file: nil, settings: [.init(text)]) }
    #expect(error?.description.contains(expected) == true, "\(error?.description ?? "")")
  }

  @Test func filesThatAreNoText() throws {
    let directory = "/tmp/mmtrain-configuration-\(monotonicSeconds())"
    try makeDirectory(directory)
    defer { try? removeTree(directory) }
    try writeAtomically([0x73, 0xFF, 0xFE], to: directory + "/binary")
    try writeAtomically([0xEF, 0xBB, 0xBF] + Array("seed: 5".utf8), to: directory + "/bom")
    try writeAtomically([UInt8](repeating: 0x20, count: 2 << 20), to: directory + "/large")
    #expect(throws: ConfigurationError.self) { try RunConfiguration(file: directory + "/binary") }
    #expect(try RunConfiguration(file: directory + "/bom").seed == 5)
    #expect(throws: FileError.self) { try RunConfiguration(file: directory + "/large") }
    let missing = #expect(throws: FileError.self) { try RunConfiguration(file: directory + "/missing") }
    #expect(missing?.exitCode == .missingInput)
  }

  private func expect(_ text: String, complains expected: String, _ location: SourceLocation = #_sourceLocation) {
    let error = #expect(throws: ConfigurationError.self, sourceLocation: location) {
      try RunConfiguration(yaml: text, name: "run.yaml")
    }
    let description = error?.description ?? ""
    #expect(description.contains(expected), "said: \(description)", sourceLocation: location)
  }
}
