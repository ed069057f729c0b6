import Batching
import Files
import Foundation
import Images
import TestSupport

/// Data of which a task can learn nothing, settings that no task has, and checkpoints whose task is damaged.
let taskCases: [MalformedCase] =
  [
    training("no label at all", 66, "the samples of train have no label; prepare") { _, _ in },
    training("two labels and no choice", 78, "several labels, kind, other; name one with task.label") {
      $1.labels = ["kind": [$0 % 2 == 0 ? "a" : "b"], "other": ["c"]]
    },
    training("a label that nobody has", 66, "the data lack the column label:shape", ["task.label=shape"]) {
      $1.labels = ["kind": ["a"]]
    },
    training("one class", 65, "are of one class, a, so there is nothing to tell apart") { $1.labels = ["kind": ["a"]] },
    training("two classes of a sample", 65, "has several classes of label:kind, a, b; set task.several") {
      $1.labels = ["kind": $0 == 3 ? ["a", "b"] : [$0 % 2 == 0 ? "a" : "b"]]
    },
    training("a class that is only measured", 65, "classes of label:kind that never occur in training: z") {
      $1.labels = ["kind": [$0 == 7 ? "z" : $0 % 2 == 0 ? "a" : "b"]]
    },
    training("a text that nobody has", 66, "the data lack the column text:note", ["task.inputs=[text:note]"], letters),
    training("an input that is none", 78, "'sound' is nothing that is looked at", ["task.inputs=[sound]"], letters),
    training("no inputs", 78, "names nothing to look at", ["task.inputs=[]"], letters),
    training("a key of another task", 78, "classification makes no use of it", ["task.blind=image"], letters),
    training(
      "patience without measuring", 78, "nobody knows when to stop",
      ["evaluation.patience=2", "evaluation.every_epochs=0"], letters),
    training("no patience", 78, "evaluation.patience: 0 is out of range", ["evaluation.patience=0"], letters),
    answering("no questions", 66, "the data lack the column questions") { _, _ in },
    answering("questions that nobody has answered", 65, "nobody has answered the questions of train") {
      $1.questions = [Question(text: "what?")]
    },
    answering("questions that nobody has answered, measured", 65, "nobody has answered the questions of validation") {
      $1.questions = [Question(text: "what?", answers: $0 < 6 ? [$0 % 2 == 0 ? "a cat" : "dog"] : [])]
    },
    answering("one answer", 65, "are of one class, cat, so there is nothing to tell apart") {
      $1.questions = [Question(text: "what?", answers: ["cat"])]
    },
    answering("photos without a question", 66, "only 5 of 6 samples of split train have the column questions") {
      if $0 != 2 { $1.questions = [Question(text: "what?", answers: [$0 % 2 == 0 ? "cat" : "dog"])] }
    },
    answering("no list of answers", 66, "answers.txt", ["task.answers.file=IN/answers.txt"], animals),
    answering("a list of one", 78, "task.answers.most: 1 is out of range", ["task.answers.most=1"], animals),
    answering(
      "a model that writes no answers", 78, "no decoder that answers questions it reads", ["task.answers=open"],
      animals),
    answering(
      "open answers of a list", 78, "open answers come from no list",
      ["task.answers=open", "task.answers.file=IN/answers.txt"], animals),
    answering(
      "hidden questions of open answers", 78, "a decoder of answers looks at both",
      ["task.answers=ranked", "task.blind=text"], animals),
    answering("a form that is none", 78, "task.answers.form: 'closed'", ["task.answers=closed"], animals),
    answering("a prompt before answers", 78, "answering makes no use of it", ["task.prompt=the"], animals),
    grounding("no boxes", 66, "the data lack the column boxes") { _, _ in },
    grounding("a box of no area", 65, "photo-3 has a box of no area or without words") { number, columns in
      columns.boxes = [PhraseBox(phrase: "dog", x: 1, y: 1, width: number == 3 ? 0 : 4, height: 4)]
    },
    grounding("a box that nothing names", 65, "photo-7 has a box of no area or without words") { number, columns in
      columns.boxes = [PhraseBox(phrase: number == 7 ? " " : "dog", x: 1, y: 1, width: 4, height: 4)]
    },
    grounding("a model in which phrases meet nothing", 78, "phrases meet none", ["model.name=clip"], dogs),
    grounding(
      "photos that are cut", 78, "learns boxes of whole photos, of which it cuts parts off",
      ["data.augmentation=standard"], dogs),
  ]
  + [
    ("an empty list", "", "it names 0 answers"), ("a list with an answer twice", "a\nb\na\n", "names an answer twice"),
  ]
  .map { what, text, key in
    var malformed = answering(what, 65, key, ["task.answers.file=IN/answers.txt"], animals)
    let make = malformed.make
    malformed.make = { inputs in
      try make(inputs)
      try inputs.write(text, to: "answers.txt")
    }
    return malformed
  }
  + [
    damaged("rubbish", 65, "task.json") { _ in "[" },
    damaged("no task", 65, "there is no task dancing") { $0.replacing("\"classification\"", with: "\"dancing\"") },
    damaged("no classes", 65, "id2label") { $0.replacing("id2label", with: "labels") },
    damaged("a gap between classes", 65, "not the numbers from 0 on") { $0.replacing("\"1\"", with: "\"7\"") },
    damaged("a class twice", 65, "two numbers the same name") { $0.replacing("\"b\"", with: "\"a\"") },
    damaged("more classes than the head", 78, "task_head.output.weight") {
      $0.replacing("\"0\"", with: "\"2\" : \"c\", \"0\"")
    },
    damaged("inputs that are none", 65, "task.json") { $0.replacing("\"captions\"", with: "\"smell\"") },
    told("a text without a word", 65, "has no word that the model's tokenizer knows", ["--text", ""]),
  ]

private func letters(_ number: Int, _ columns: inout SampleColumns) {
  columns.labels = ["kind": [number % 2 == 0 ? "a" : "b"]]
}

private func animals(_ number: Int, _ columns: inout SampleColumns) {
  columns.questions = [Question(text: "what?", answers: [number % 2 == 0 ? "cat" : "dog"])]
}

private func dogs(_ number: Int, _ columns: inout SampleColumns) {
  columns.boxes = [PhraseBox(phrase: "dog", x: 1, y: 1, width: 4, height: 4)]
}

private typealias Columns = @Sendable (_ number: Int, inout SampleColumns) -> Void

private func training(
  _ what: String, _ code: Int32, _ key: String, _ more: [String] = [], _ columns: @escaping Columns
) -> MalformedCase { run("classification", what, code, key, more, columns) }

private func answering(
  _ what: String, _ code: Int32, _ key: String, _ more: [String] = [], _ columns: @escaping Columns
) -> MalformedCase { run("answering", what, code, key, more, columns) }

private func grounding(
  _ what: String, _ code: Int32, _ key: String, _ more: [String] = [], _ columns: @escaping Columns
) -> MalformedCase { run("grounding", what, code, key, more, columns) }

private func run(
  _ task: String, _ what: String, _ code: Int32, _ key: String, _ more: [String], _ columns: @escaping Columns
) -> MalformedCase {
  let settings = [
    "data.path=IN/set", "task.name=\(task)", "batch.global=2", "schedule.steps=2", "schedule.warmup_steps=0",
  ]
  var malformed = MalformedCase(
    "\(task): \(what)",
    ["train", "--output", "IN/run", "--threads", "1"] + (settings + more).flatMap { ["--set", $0] }, code, key
  ) { try writeSet($0("set"), columns) }
  malformed.owns = "in/run"
  return malformed
}

/// Six samples that are trained on, and two that are measured.
private func writeSet(_ folder: String, _ columns: Columns) throws {
  let writer = try PreparedDataSetWriter(directory: folder, description: DataSetDescription(name: "tasks"))
  for number in 0..<8 {
    let photo = try testPhoto(number)
    var record = SampleRecord(
      key: "photo-\(number)", fileName: "photo-\(number).jpg", split: number < 6 ? "train" : "validation",
      captions: ["a dog \(number)"])
    columns(number, &record.columns)
    let header = try photo.withUnsafeBytes { try readPictureHeader($0) }
    try writer.add(image: photo, width: header.width, height: header.height, record: record)
  }
  try writer.addFile("tokenizer.json", bytes: readFile(goldenDirectory + "/tokenization/tiny-tokenizer.json"))
  try writer.finish()
}

// MARK: A checkpoint

/// A checkpoint of two classes, and the set that it was trained on.
let trainedClasses = Result {
  let directory = try TemporaryDirectory()
  try writeSet(directory("set"), letters)
  let settings = [
    "data.path=\(directory("set"))", "task.name=classification", "task.inputs=[image, text]", "batch.global=2",
    "schedule.steps=1", "schedule.warmup_steps=0", "evaluation.split=none",
  ]
  let result = try TestSupport.run(
    builtProgram,
    ["train", "--output", directory("run"), "--threads", "1"] + settings.flatMap { ["--set", $0] })
  guard result.status == 0 else { throw FixtureError(description: result.errors) }
  return directory
}

private func checkpoint(
  _ what: String, _ command: [String], _ code: Int32, _ key: String,
  _ change: @escaping @Sendable (Inputs) throws -> Void = { _ in }
) -> MalformedCase {
  MalformedCase("task: " + what, command + ["--threads", "1"], code, key) { inputs in
    let directory = try trainedClasses.get()
    try inputs.copy(directory("set"), to: "set")
    try inputs.copy(directory("run/checkpoints/step-0000001"), to: "model")
    try change(inputs)
  }
}

/// A task.json with a change.
private func damaged(
  _ what: String, _ code: Int32, _ key: String, _ change: @escaping @Sendable (String) -> String
) -> MalformedCase {
  checkpoint(what, ["evaluate", "--checkpoint", "IN/model", "--data", "IN/set", "--split", "validation"], code, key) {
    let text = String(decoding: try readFile($0("model/task.json")), as: UTF8.self)
    try $0.write(change(text), to: "model/task.json")
  }
}

/// What is asked of the checkpoint.
private func told(_ what: String, _ code: Int32, _ key: String, _ more: [String]) -> MalformedCase {
  checkpoint(what, ["predict", "--model", "IN/model", "--image", "IN/photos"] + more, code, key) {
    try writePhotos(["a.jpg"], in: $0("photos"))
  }
}
