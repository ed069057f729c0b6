internal import Batching
internal import Preparation
internal import Reporting

/// Reads a file of questions, a table whose columns have roles, or boxes, under the names that decide how it is read.
func readColumns(_ bytes: UnsafeRawBufferPointer) throws {
  let roles = "image=1,question=2,answer=3,label:a=4,text:b=5,phrase=6,x=7,y=8,width=9,height=10,group=11,caption=12"
  let ways: [(String, ColumnFileKind)] = [
    ("questions.json", .questions), ("lines.jsonl", .questions), ("table.csv", .questions), ("boxes.json", .boxes),
    ("boxes.jsonl", .boxes), ("table.csv", .table(try ColumnRoles(roles))),
  ]
  for (name, kind) in ways {
    do {
      for file in try columnFiles(Array(bytes), path: name, kind: kind) { try check(file) }
    } catch let error as PreparationError {
      try require([.badData, .missingInput].contains(error.exitCode), "a bad file of columns is bad data: \(error)")
    }
  }
}

private func check(_ file: CaptionFile) throws {
  for name in file.names {
    guard let columns = file[name]?.columns else { continue }
    try require(columns.questions.allSatisfy { isText($0.text) }, "a question is text: \(columns.questions)")
    try require(
      columns.boxes.allSatisfy { isText($0.phrase) && $0.width > 0 && $0.height > 0 && ($0.x + $0.y).isFinite },
      "a box is a box: \(columns.boxes)")
    try require(columns.labels.values.joined().allSatisfy(isText), "a class is text: \(columns.labels)")
    try require(columns.texts.values.allSatisfy(isText), "a text is text: \(columns.texts)")
  }
  for problem in file.problems {
    try require(
      problem.line.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F },
      "a problem is one plain line: \(problem.line.debugDescription)")
  }
}

private func isText(_ text: String) -> Bool { !text.isEmpty && !text.utf8.contains(0) }
