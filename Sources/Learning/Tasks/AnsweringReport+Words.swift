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
    let told = way.map { ["answers are \($0)" + (cut.map { "; \($0) of them were cut there" } ?? "")] } ?? []
    return (metrics.lines + hidden + told).joined(separator: "\n") + "\n"
  }
}
