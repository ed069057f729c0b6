/// A score of captions that another program has computed, as METEOR or SPICE.
public struct OutsideScore: Sendable {
  public var name: String
  public var values: Values

  public enum Values: Sendable {
    /// One number for all captions together.
    case ofAll(Double)
    /// One for each image, in the order of the captions.
    case ofImages([Double])
  }

  public init(_ name: String, _ values: Values) { (self.name, self.values) = (name, values) }
}

/// Such a score as a report tells it: in the unit that it came in, the mean over images where it is of each.
public struct ToldOutsideScore: Codable, Equatable, Sendable {
  public var name: String
  public var value: Double
  /// Over images; nil where nobody knows what single ones have.
  public var interval: Interval?

  init(_ score: OutsideScore, _ bootstrap: ClusterBootstrap?) {
    name = score.name
    switch score.values {
    case .ofAll(let value): self.value = value
    case .ofImages(let values):
      value = weightedMean(values, values.map { _ in 1 })
      let key = FigureKey(name)
      interval = bootstrap?.intervals([key]) { [weightedMean(values, $0)] }[key.stringValue]
    }
  }

  var row: [String] {
    let key = FigureKey(name)
    return ["\(name), from outside", figure(value, 4, "", interval.map { [key.stringValue: $0] }, key)]
  }
}
