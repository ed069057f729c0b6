internal import Batching
internal import Reporting

/// Texts that say what is to be told: a model reads it there, and is then no better at telling it than at reading.
struct NamedClasses {
  private var texts = 0
  /// Of these, those in which a class of their own sample stands.
  private var naming = 0
  private let column: Column

  /// - Parameters:
  ///   - column: the texts' own.
  ///   - classes: of each sample.
  init(_ dataSet: PreparedDataSet, split: String, in column: Column, _ classes: [[String]]) throws {
    self.column = column
    for (sample, own) in zip(try dataSet.samples(split: split), classes) {
      let (captions, columns) = try dataSet.columns([column], of: sample)
      let said: [String]
      if case .text(let name) = column { said = columns.texts[name].map { [$0] } ?? [] } else { said = captions }
      let names = own.map(words).filter { $0 != "  " }
      texts += said.count
      naming += said.count { text in names.contains { words(text).contains($0) } }
    }
  }

  /// Nil where no text does.
  var sentence: String? {
    naming == 0
      ? nil
      : "\(naming) of \(texts) texts of \(printable(column.name)) name their sample's own class: what is told of these is read; mask such "
        + "words where new samples will not have them"
  }
}

/// Letters and digits in lower case, anything else a blank, with one before and behind.
private func words(_ text: String) -> String {
  " " + text.lowercased().split { !$0.isLetter && !$0.isNumber }.joined(separator: " ") + " "
}
