internal import Configuration
internal import Preparation
internal import Reporting
internal import Tokenization

/// Reads a caption file under the names that decide how it is read, and as a table whose columns are known.
func readCaptions(_ bytes: UnsafeRawBufferPointer) throws {
  let chosen = CaptionTableChoice(columns: .init("1,2,3"))
  let ways: [(String, CaptionTableChoice)] = [
    ("captions.txt", .init()), ("results.token", .init()), ("dataset.json", .init()), ("lines.jsonl", .init()),
    ("table.csv", chosen),
  ]
  for (name, choice) in ways {
    do {
      let file = try captionFile(Array(bytes), path: name, choice: choice)
      for name in file.names {
        let captions = file[name]?.captions ?? []
        try require(
          captions.allSatisfy { !$0.isEmpty && !$0.utf8.contains(0) }, "a caption is text: \(captions)")
      }
      for problem in file.problems {
        try require(
          problem.line.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F },
          "a problem is one plain line: \(problem.line.debugDescription)")
      }
    } catch let error as PreparationError {
      try require(error.exitCode == .badData, "a bad caption file is bad data: \(error)")
    }
  }
}

/// Reads a tokenizer; one that is taken has to work.
func readTokenizer(_ bytes: UnsafeRawBufferPointer) throws {
  let tokenizer = try loadTokenizer(Array(bytes), path: "tokenizer.json")
  for text in ["A dog's caf\u{E9} <|endoftext|> [SEP] \u{1F600} 42", ""] {
    let ids = tokenizer.encode(text, limit: 20)
    try require(ids.count <= 20, "a text has no more tokens than fit")
    try require(ids.allSatisfy { 0..<tokenizer.vocabularySize ~= Int($0) }, "tokens are those of the vocabulary")
    _ = tokenizer.decode(ids)
  }
}

/// Reads a configuration; one that is taken can be written and read again.
func readConfiguration(_ bytes: UnsafeRawBufferPointer) throws {
  guard let text = String(validating: bytes, as: UTF8.self) else { return }
  let configuration = try RunConfiguration(yaml: text, name: "run.yaml")
  let written = configuration.yaml(withOrigins: true)
  do {
    let again = try RunConfiguration(yaml: written, name: "again.yaml")
    try require(again == configuration, "a configuration survives being written:\n\(written)")
  } catch let error as any ReportableError {
    throw Misbehaviour("a configuration cannot be read again: \(error.description)\n\(written)")
  }
}
