internal import Batching

/// Holds boxes against the photos that they are of.
struct BoxCheck {
  /// Boxes that cannot be those of their photos.
  private(set) var problems: [Problem] = []
  /// Boxes of which a pixel at most lay outside, and was cut off.
  private(set) var cut = 0

  /// The photo's columns with those of its boxes that lie in it.
  mutating func sound(_ candidate: Candidate, _ photo: CheckedPhoto) -> SampleColumns {
    var columns = candidate.columns
    let size = FrameSize(width: photo.width, height: photo.height)
    if let frame = candidate.frame, frame != size, !columns.boxes.isEmpty {
      let words = "its \(columns.boxes.count) boxes are of a picture of \(frame.words), and the photo has \(size.words)"
      note(candidate, words)
      columns.boxes = []
    }
    columns.boxes = columns.boxes.compactMap { sound($0, size, candidate) }
    return columns
  }

  private mutating func sound(_ box: PhraseBox, _ size: FrameSize, _ candidate: Candidate) -> PhraseBox? {
    guard let inside = box.cut(to: size) else {
      note(candidate, "its box of “\(box.phrase.prefix(40))”, \(box.place), lies outside \(size.words)")
      return nil
    }
    if inside != box { cut += 1 }
    return inside
  }

  private mutating func note(_ candidate: Candidate, _ detail: String) {
    problems.append(Problem(kind: .unfitBox, subject: candidate.name, place: candidate.file, detail: detail))
  }
}

extension PhraseBox {
  /// In words.
  fileprivate var place: String { "\(width)×\(height) at \(x), \(y)" }

  /// The part within a photo; nil where more than a pixel's breadth lies outside.
  fileprivate func cut(to size: FrameSize) -> PhraseBox? {
    let (right, bottom) = (x + width, y + height)
    let (w, h) = (Double(size.width), Double(size.height))
    guard x >= -1, y >= -1, right <= w + 1, bottom <= h + 1 else { return nil }
    guard x < 0 || y < 0 || right > w || bottom > h else { return self }
    var cut = self
    (cut.x, cut.y) = (max(0, x), max(0, y))
    (cut.width, cut.height) = (min(right, w) - cut.x, min(bottom, h) - cut.y)
    return cut.width > 0 && cut.height > 0 ? cut : nil
  }
}
