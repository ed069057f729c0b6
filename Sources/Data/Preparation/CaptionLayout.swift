/// The layouts in which captions come, the preferred one first; then those of files that speak of other columns.
package enum CaptionLayout: Int, Comparable {
  case karpathy, coco, token, bars, records, separated, beside
  case vqa, gqa, questionLists, questionRecords, questionTable
  case columns, instances, phraseRecords

  /// How the report calls it.
  var name: String {
    switch self {
    case .karpathy: "Karpathy JSON"
    case .coco: "COCO JSON"
    case .token: "token file"
    case .bars: "CSV with bars"
    case .records: "JSON records"
    case .separated: "CSV"
    case .beside: "a text beside each photo"
    case .vqa: "VQA questions with annotations"
    case .gqa: "GQA questions"
    case .questionLists: "lists of question, answer and image"
    case .questionRecords: "JSON records of questions"
    case .questionTable: "a table of questions"
    case .columns: "a table with roles"
    case .instances: "COCO boxes"
    case .phraseRecords: "JSON records of phrases"
    }
  }

  /// Whether it lists the photos that are meant: what it does not name is left out on purpose.
  var isSelection: Bool {
    switch self {
    case .token, .bars, .records, .separated, .beside, .columns: false
    default: true
    }
  }

  package static func < (a: CaptionLayout, b: CaptionLayout) -> Bool { a.rawValue < b.rawValue }
}

/// Where in a caption file something stands.
enum RowPlace {
  case line(Int)
  /// An item of a JSON list.
  case item(list: String, index: Int)
  /// A line of another file than the one that stands for all of them.
  case file(String, line: Int)
  /// The same of an item of a list.
  case other(String, list: String, index: Int)

  func text(in path: String) -> String {
    switch self {
    case .line(let line): "\(path):\(line)"
    case .item(let list, let index): "\(path): \(list)[\(index)]"
    case .file(let file, let line): "\(file):\(line)"
    case .other(let file, let list, let index): "\(file): \(list)[\(index)]"
    }
  }
}
