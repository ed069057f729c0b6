import Batching
import Files
import TestSupport

/// Questions, tables with roles, boxes and groups of which no data set can be made, and data that lack a task's column.
let columnCases: [MalformedCase] = questionCases + roleCases + boxCases + groupCases + [lackingCase]

/// A folder with two photos and a file, and the options that speak of it.
private func source(
  _ what: String, _ code: Int32, _ key: String, _ options: [String] = [], _ files: (name: String, text: String)...
) -> MalformedCase {
  MalformedCase("columns: " + what, ["prepare", "--images", "IN/photos", "--output", "IN/out"] + options, code, key) {
    inputs in
    try writePhotos(["a.jpg", "b.jpg"], in: inputs("photos"))
    for file in files { try inputs.write(file.text, to: "photos/" + file.name) }
  }
}

private let question = #"{"question_id": 1, "image_id": "a", "question": "why?"}"#
private let answer = #"{"question_id": 1, "answers": [{"answer": "so"}]}"#

private func pair(_ questions: String, _ annotations: String) -> [(name: String, text: String)] {
  [
    ("questions.json", #"{"questions": [\#(questions)]}"#), ("answers.json", #"{"annotations": [\#(annotations)]}"#),
  ]
}

private func pair(_ what: String, _ key: String, _ questions: String, _ annotations: String) -> MalformedCase {
  let files = pair(questions, annotations)
  return source(what, 65, key, [], files[0], files[1])
}

private let questionCases: [MalformedCase] = [
  source(
    "questions without annotations", 66, "questions.json has 1 questions and no answers", [], pair(question, answer)[0]),
  source("answers without questions", 66, "answers.json has 1 answers and no questions", [], pair(question, answer)[1]),
  pair(
    "an answer to another question", "there is no question 2", question,
    answer + #", {"question_id": 2, "answers": ["x"]}"#),
  pair(
    "a question that nobody answered", "no annotation answers the question 7",
    question + #", {"question_id": 7, "image_id": "b", "question": "x"}"#, answer),
  pair("a question twice", "the question 1 comes a second time", question + "," + question, answer),
  pair("an answer twice", "answered a second time", question, answer + "," + answer),
  pair(
    "a question of blanks", "its question is empty",
    question + #", {"question_id": 7, "image_id": "a", "question": "  "}"#, answer),
  pair(
    "a question with a NUL", "holds a NUL byte",
    question + #", {"question_id": 7, "image_id": "a", "question": "a\u0000b"}"#, answer),
  pair("an annotation without answers", "it has no answer", question, answer + #", {"question_id": 2, "answers": []}"#),
  pair(
    "a question of a photo upwards", "passwd",
    question + #", {"question_id": 2, "image_id": "../../etc/passwd", "question": "x"}"#,
    answer + #", {"question_id": 2, "answers": ["x"]}"#),
  source(
    "questions that are cut off", 65, "it ends in the middle", ["--questions", "IN/photos/q.json"],
    ("q.json", #"{"questions": [{"question_id": 1"#)),
  source(
    "a file that is no questions", 65, "no file of questions of a known layout", ["--questions", "IN/photos/q.csv"],
    ("q.csv", "file,words\na.jpg,b\n")),
  source(
    "a list of lists that is cut", 65, "it is no list of question, answer and image", [],
    ("questions.json", #"[["what?", "this", "a"], ["what?", "that", "b"], ["why?", "so", "b", 4]]"#)),
  source(
    "GQA without an image", 65, "key imageId is missing", [],
    ("train_questions.json", #"{"1": {"question": "q", "imageId": "a", "answer": "x"}, "2": {"question": "q"}}"#)),
  source(
    "an answer without a question", 65, "it has no question", [],
    ("q.jsonl", "{\"image\": \"a\", \"question\": \"q\", \"answer\": \"x\"}\n{\"image\": \"a\", \"answer\": \"x\"}\n")),
]

private func table(_ what: String, _ code: Int32, _ key: String, _ roles: String, _ text: String) -> MalformedCase {
  source("a table with " + what, code, key, ["--columns", roles], ("t.csv", text))
}

private let roleCases: [MalformedCase] = [
  table(
    "a role that names no column", 65, "no column “patient_id” for the role group; perhaps “patientid” is meant",
    "image=file,group=patient_id", "file,patientid\na.jpg,1\nb.jpg,2\n"),
  table("a place behind its columns", 65, "no column “3” for the role group", "image=1,group=3", "file,x\na.jpg,1\n"),
  table("an escape code for a column", 65, #"\u{1b}"#, "image=file,group=g", "file,\u{1B}[2J\na.jpg,1\n"),
  table("a row too short", 65, "1 fields, the heading has 2", "image=file,group=g", "file,g\na.jpg,1\nb.jpg\n"),
  table("a row too long", 65, "3 fields, the heading has 2", "image=file,group=g", "file,g\na.jpg,1\nb.jpg,2,3\n"),
  table("an open quote", 65, "a quote is never closed", "image=file,group=g", "file,g\na.jpg,1\nb.jpg,\"2\n"),
  table("a row without a photo", 65, "it names no image", "image=file,group=g", "file,g\na.jpg,1\nb.jpg,2\n,3\n"),
  table(
    "an answer without a question", 65, "it has an answer and no question", "image=file,question=q,answer=a",
    "file,q,a\na.jpg,x,y\nb.jpg,x,y\nb.jpg,,y\n"),
  table(
    "a list of classes that is cut off", 65, "that is not closed", "image=file,label:x=c",
    "file,c\na.jpg,x\nb.jpg,\"['x', 'y'\"\n"),
  table(
    "a photo of two groups", 65, "it is of group 1, and here of 2", "image=file,group=g",
    "file,g\na.jpg,1\nb.jpg,2\na.jpg,2\n"),
  table("no values at all", 65, "no photo is left", "image=file,group=g", "file,g\na.jpg,\nb.jpg,\n"),
  table("no rows", 65, "no photo is left", "image=file,group=g", "file,g\n"),
  source("no table", 66, "holds no table", ["--columns", "image=file,group=g"], ("t.json", "{}")),
  source("a table that is not there", 66, "none.csv", ["--columns", "image=a,group=b", "--table", "IN/none.csv"]),
]

private func boxes(_ what: String, _ key: String, _ text: String) -> MalformedCase {
  source("boxes " + what, 65, key, ["--boxes", "IN/photos/boxes.json"], ("boxes.json", text))
}

/// COCO's form with one sound box, and one of these numbers.
private func boxes(_ what: String, _ key: String, numbers: String) -> MalformedCase {
  boxes(
    what, key,
    """
    {"images": [{"id": 1, "file_name": "a.jpg"}, {"id": 2, "file_name": "b.jpg"}], "categories": [{"id": 1, "name": "dog"}],
    "annotations": [{"image_id": 1, "category_id": 1, "bbox": [0, 0, 1, 1]}, {"image_id": 2, "category_id": 1, "bbox": \(numbers)}]}
    """)
}

private let boxCases: [MalformedCase] = [
  boxes("outside the picture", "lies outside", numbers: "[5, 5, 1e9, 2]"),
  boxes("left of the picture", "lies outside", numbers: "[-2, 0, 4, 4]"),
  boxes("of no width", "0.0 wide", numbers: "[0, 0, 0, 4]"),
  boxes("of three numbers", "its box is not four numbers", numbers: "[0, 0, 1]"),
  boxes("of words", "wrong type", numbers: "[\"x\", 0, 1, 1]"),
  boxes("of NaN", "null", numbers: "[NaN, 0, 1, 1]"),
  boxes("of another kind of JSON", "it holds no boxes that are known", "{\"a\": 1}"),
  boxes("that are cut off", "it ends in the middle", "{\"images\": ["),
  boxes(
    "without a phrase", "it has no phrase",
    #"[{"image": "a.jpg", "phrase": "x", "box": [0, 0, 1, 1]}, {"image": "b.jpg", "box": [0, 0, 1, 1]}]"#),
]

private let groupCases: [MalformedCase] = [
  source(
    "a group in two given splits", 65,
    "1 groups are in more than one split, first: p1 with 1 photos in train, 1 photos in test",
    ["--columns", "image=file,group=g", "--fail-on-leaks"], ("t.csv", "file,g,split\na.jpg,p1,train\nb.jpg,p1,test\n"))
]

/// Photos with questions alone, to be trained on as if they had captions.
private let lackingCase: MalformedCase = {
  let settings = ["data.path=IN/set", "batch.global=2", "schedule.steps=2", "schedule.warmup_steps=0"]
  var malformed = MalformedCase(
    "columns: a task whose column the data lack",
    ["train", "--output", "IN/run", "--threads", "1"] + settings.flatMap { ["--set", $0] }, 66,
    "the data lack the column captions in split train, which has image, questions; prepare the data with --captions FILE"
  ) { try writeQuestions(in: $0("set")) }
  malformed.owns = "in/run"
  return malformed
}()

private func writeQuestions(in directory: String) throws {
  let writer = try PreparedDataSetWriter(directory: directory, description: DataSetDescription(name: "questions"))
  for number in 0..<2 {
    var columns = SampleColumns()
    columns.questions = [Question(text: "why?", answers: ["so"])]
    let record = SampleRecord(key: "k\(number)", fileName: "\(number).jpg", split: "train", columns: columns)
    try writer.add(image: try testPhoto(number), width: 16, height: 12, record: record)
  }
  try writer.addFile("tokenizer.json", bytes: readFile(goldenDirectory + "/tokenization/tiny-tokenizer.json"))
  try writer.finish()
}
