/// The ranks of the right captions for a block of images, 1 for the best.
///
/// The rank of an image is 1 + the number of captions of other images that score at least as high as the best of its
/// own (any of them is a hit). So ties count against the model, and so does NaN: one among an image's own captions is
/// never the best, one elsewhere counts as higher.
///
/// - Parameters:
///   - scores: (images of the block) × (all captions), row-major.
///   - firstImage: the image of row 0.
/// - Returns: one rank a row, 1 … captions.
public func imageToTextRanks(
  scores: UnsafeBufferPointer<Float>, firstImage: Int, layout: RetrievalLayout
) throws(EvaluationError) -> [Int32] {
  let rows = try rowCount(scores, width: layout.captionCount, first: firstImage, of: layout.images, "images")
  return rows.map { image, row in Int32(rank(row, own: layout.captions(of: image))) }
}

/// The ranks of the right image for a block of captions; the rules are those of `imageToTextRanks`.
///
/// - Parameters:
///   - scores: (captions of the block) × (all images), row-major.
///   - firstCaption: the caption of row 0.
/// - Returns: one rank a row, 1 … images.
public func textToImageRanks(
  scores: UnsafeBufferPointer<Float>, firstCaption: Int, layout: RetrievalLayout
) throws(EvaluationError) -> [Int32] {
  let rows = try rowCount(scores, width: layout.images, first: firstCaption, of: layout.captionCount, "captions")
  return rows.map { caption, row in
    let image = layout.imageOfCaption[caption]
    return Int32(rank(row, own: [image][...]))
  }
}

/// The rows of a block with what each is about; checks that the block has whole rows and lies within `limit`.
func rowCount(
  _ scores: UnsafeBufferPointer<Float>, width: Int, first: Int, of limit: Int, _ what: String
) throws(EvaluationError) -> [(index: Int, row: UnsafeBufferPointer<Float>)] {
  let count = scores.count / width
  guard scores.count == count * width else {
    throw .count(what: "scores for rows of \(width)", found: scores.count, expected: count * width)
  }
  guard first >= 0, first + count <= limit else { throw .count(what: what, found: first + count, expected: limit) }
  return (0..<count).map { ($0 + first, UnsafeBufferPointer(rebasing: scores[($0 * width)..<(($0 + 1) * width)])) }
}

/// 1 + the number of others that are not lower than the best of `own`.
func rank(_ row: UnsafeBufferPointer<Float>, own: ArraySlice<Int>) -> Int {
  let best = bestScore(row, own)
  var notLower = 0
  for score in row { notLower += score < best ? 0 : 1 }
  for index in own where !(row[index] < best) { notLower -= 1 }
  return 1 + notLower
}

/// The highest of some scores that is a number; NaN, to which nothing compares as lower, if none is.
func bestScore(_ row: UnsafeBufferPointer<Float>, _ indices: ArraySlice<Int>) -> Float {
  var best = Float.nan
  for index in indices where !(row[index] <= best) && !row[index].isNaN { best = row[index] }
  return best
}
