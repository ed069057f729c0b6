/// Corrects probabilities of several comparisons, so that all together are wrong as seldom as a single one (Holm, Scandinavian Journal of
/// Statistics 1979): the smallest times their number, the next times one less, none smaller than one before it.
/// - Parameter values: in any order; nil of a comparison that could not be made, which does not count.
/// - Returns: in the same order.
public func holmCorrected(_ values: [Double?]) -> [Double?] {
  let known = values.indices.compactMap { place in values[place].map { (place: place, p: $0) } }
  let ordered = known.sorted { ($0.p, $0.place) < ($1.p, $1.place) }
  var corrected = [Double?](repeating: nil, count: values.count)
  var largest = 0.0
  for (rank, item) in ordered.enumerated() {
    largest = max(largest, min(1, item.p * Double(ordered.count - rank)))
    corrected[item.place] = largest
  }
  return corrected
}
