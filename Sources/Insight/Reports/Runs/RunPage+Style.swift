extension RunPage {
  /// Lines are told apart by colour (Okabe and Ito's, which colour-blind people can tell apart, darker or lighter by the ground) and by dashes.
  static let style = """
    main { max-width: 80rem; }
    .quiet { color: var(--quiet); }
    table { border-collapse: collapse; font-size: 0.9rem; }
    th, td { text-align: left; padding: 0.2rem 0.7rem 0.2rem 0; border-bottom: 1px solid var(--edge); vertical-align: top;
             font-variant-numeric: tabular-nums; overflow-wrap: anywhere; max-width: 30rem; }
    td:first-child { overflow-wrap: normal; }
    .wide { overflow-x: auto; }
    .panels { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(22rem, 100%), 1fr)); gap: 1rem; }
    figure { margin: 0; min-width: 0; }
    .chart { width: 100%; height: auto; }
    .chart .rule { stroke: var(--edge); }
    .chart .tick, .chart .axis { font-size: 11px; fill: var(--quiet); }
    .legend { list-style: none; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: 0.1rem 1rem; font-size: 0.85rem; }
    .legend svg { width: 1.5rem; height: 0.5rem; margin-right: 0.4rem; }
    polyline { fill: none; stroke-width: 1.6; }
    line[class^="line"] { stroke-width: 2.5; }
    polygon.band { stroke: none; opacity: 0.18; }
    pre { white-space: pre-wrap; font-size: 0.85rem; }
    details { margin: 0.3rem 0; }

    """ + SplitExhibits.style + "\n" + IntervalChart.style + "\n" + lines(colours)
    + "\n@media (prefers-color-scheme: dark) {\n" + lines(darkColours) + "\n}"

  private static let colours = ["#0060a0", "#b04a00", "#00785a", "#a0527f", "#8a6a00", "#444444"]
  private static let darkColours = ["#56b4e9", "#e69f00", "#2fc79a", "#e08bbd", "#f0e442", "#bbbbbb"]

  private static func lines(_ colours: [String]) -> String {
    (0..<RunPanel.mostLines).map { number in
      let colour = colours[number % colours.count]
      let dashes = number < colours.count ? "" : " stroke-dasharray: 6 3;"
      return """
        .line\(number) { stroke: \(colour);\(dashes) }
        polygon.line\(number), circle.line\(number) { fill: \(colour); }
        """
    }.joined(separator: "\n")
  }
}
