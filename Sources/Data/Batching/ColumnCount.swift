/// How much of a column a split has.
public struct ColumnCount: Codable, Equatable, Sendable {
  public var column: Column
  /// Samples that have it.
  public var samples: Int
  /// Captions, questions, classes, texts, boxes, regions, frames of these samples together; of the rest one a sample.
  public var values: Int

  public init(column: Column, samples: Int, values: Int) {
    (self.column, self.samples, self.values) = (column, samples, values)
  }
}

/// Counts the columns of samples one after the other.
package struct ColumnTally {
  private var counts: [Column: ColumnCount] = [:]

  package init() {}

  /// Counts one sample.
  ///
  /// - Parameter frames: 1 for a photo, 0 where there is none.
  package mutating func add(frames: Int = 1, captions: Int, _ columns: SampleColumns) {
    add(.image, frames)
    add(.captions, captions)
    add(.questions, columns.questions.count)
    for (name, classes) in columns.labels { add(.labels(name), classes.count) }
    for name in columns.texts.keys { add(.text(name), 1) }
    add(.boxes, columns.boxes.count)
    add(.group, columns.group == nil ? 0 : 1)
  }

  /// - Parameter values: of one sample; none does not count it.
  package mutating func add(_ column: Column, _ values: Int) {
    guard values > 0 else { return }
    counts[column, default: ColumnCount(column: column, samples: 0, values: 0)].samples += 1
    counts[column]?.values += values
  }

  /// In the order in which columns are listed.
  package var list: [ColumnCount] { counts.values.sorted { $0.column < $1.column } }
}
