/// ROUGE-L (Lin, 2004) of one caption, as the evaluation of COCO's captions computes it: the longest words in common in their order, by the
/// best precision and the best recall of the references, taken apart, and F with β = 1.2, a share of 1.
func rougeL(_ caption: CountedCaption, _ references: [CountedCaption]) -> Double {
  let common = references.map { Double(longestCommon(caption.words, $0.words)) }
  // An empty text counts as one word that nobody has.
  let precision = (common.max() ?? 0) / Double(max(1, caption.words.count))
  let recall = zip(common, references).map { $0 / Double(max(1, $1.words.count)) }.max() ?? 0
  guard precision > 0, recall > 0 else { return 0 }
  let weight = 1.2 * 1.2
  return (1 + weight) * precision * recall / (recall + weight * precision)
}

/// Words of the longest sequence that both have in its order, with gaps.
private func longestCommon(_ a: [Int32], _ b: [Int32]) -> Int {
  var row = [Int](repeating: 0, count: b.count + 1)
  for word in a {
    var diagonal = 0
    for place in b.indices {
      let above = row[place + 1]
      row[place + 1] = word == b[place] ? diagonal + 1 : max(above, row[place])
      diagonal = above
    }
  }
  return row[b.count]
}
