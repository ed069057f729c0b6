internal import Reporting

/// By what the cards of a page can be put in order: buttons that choose, and style that moves the cards, as no script runs in a page.
struct CardOrder {
  /// The orders, each with the place of every card in it.
  private let orders: [(name: String, places: [Int])]

  /// - Parameter keys: what there is to order by, with a value of each card, nil where it has none: these come last.
  init(_ keys: [(name: String, values: [Double?])]) {
    orders = keys.flatMap { key in
      [true, false].map { isHighestFirst in
        let sorted = key.values.indices.sorted { a, b in
          guard let (x, y) = key.values[a].flatMap({ x in key.values[b].map { (x, $0) } }) else {
            return key.values[a] == nil && key.values[b] == nil ? a < b : key.values[b] == nil
          }
          return x != y ? (x > y) == isHighestFirst : a < b
        }
        var places = [Int](repeating: 0, count: sorted.count)
        for (place, card) in sorted.enumerated() { places[card] = place }
        return (key.name + (isHighestFirst ? ", highest first" : ", lowest first"), places)
      }
    }
  }

  /// Stands before the cards, beside them.
  var buttons: String {
    guard !orders.isEmpty else { return "" }
    let names = ["as they came"] + orders.map(\.name)
    return names.enumerated().map { number, name in
      """
      <input type="radio" name="order" id="order\(number)"\(number == 0 ? " checked" : "")>\
      <label for="order\(number)">\(escaped(name))</label>
      """
    }.joined(separator: "\n")
  }

  /// The places of a card, for its style.
  func places(of card: Int) -> String {
    orders.enumerated().map { "--place\($0 + 1): \($1.places[card])" }.joined(separator: "; ")
  }

  var style: String {
    orders.isEmpty
      ? ""
      : """

      input[name="order"] { position: absolute; opacity: 0; }
      input[name="order"] + label { display: inline-block; margin: 0 0.4rem 0.4rem 0; padding: 0.1rem 0.7rem; font-size: 0.9rem;
                                    border: 1px solid var(--edge); border-radius: 1rem; cursor: pointer; }
      input[name="order"]:checked + label { border-color: var(--ours); background: var(--ours); color: Canvas; }
      input[name="order"]:focus-visible + label { outline: 2px solid var(--ours); outline-offset: 2px; }
      .cards { margin-top: 1rem; }

      """
        + orders.indices.map { "#order\($0 + 1):checked ~ .cards .card { order: var(--place\($0 + 1)); }" }.joined(
          separator: "\n")
  }
}
