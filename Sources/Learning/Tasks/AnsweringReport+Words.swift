internal import Evaluation
internal import Models
public import Reporting

extension AnsweringReport {
  public var members: [(String, OrderedJSON)] {
    metrics.members + (blind.map { [("blind", .text($0.rawValue))] } ?? [])
  }

  public var summary: [(name: String, value: String)] { metrics.summary }
  public var score: Double { metrics.accuracy }

  public var table: String {
    let hidden = blind.map { ["the \($0.rawValue) is hidden: this is what the other side tells alone"] } ?? []
    return (metrics.lines + hidden).joined(separator: "\n") + "\n"
  }
}
