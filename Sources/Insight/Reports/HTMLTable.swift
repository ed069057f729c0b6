internal import Reporting

/// A table of words, each of them escaped, which may be wider than the page.
func htmlTable(_ heading: [String], _ rows: [[String]]) -> String {
  func row(_ tag: String, _ cells: [String]) -> String {
    // A corner without words heads nothing.
    "<tr>" + cells.map { $0.isEmpty ? "<td></td>" : "<\(tag)>\(escaped($0))</\(tag)>" }.joined() + "</tr>"
  }
  let lines = ["<thead>" + row("th", heading) + "</thead>", "<tbody>"] + rows.map { row("td", $0) } + ["</tbody>"]
  return "<div class=\"wide\"><table>\n" + lines.joined(separator: "\n") + "\n</table></div>"
}
