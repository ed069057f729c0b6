/// What a detector, or another network, says about places in one photo: for each of R regions F numbers and a box, and
/// where the source has them what is there.
///
/// A value of this type is sound: every number is finite, every box lies within the photo, all lengths agree.
public struct RegionFeatures: Equatable, Sendable {
  /// What is in each region: a number in the detector's list of objects or attributes, and how sure it is of that.
  public struct Labels: Equatable, Sendable {
    /// [R]
    public let ids: [Int32]
    /// [R], from 0 to 1.
    public let confidences: [Float]

    public init(ids: [Int32], confidences: [Float]) { (self.ids, self.confidences) = (ids, confidences) }
  }

  /// How many regions there are: R.
  public let count: Int
  /// How many numbers each has: F.
  public let width: Int
  /// [R, F], the bits of float16.
  public let features: [UInt16]
  /// [R, 4]: left, top, right and bottom edge as shares of the photo's width and height.
  public let boxes: [Float]
  /// [R, C], the bits of float16: how probable each class is, the background first.
  public let probabilities: [UInt16]?
  public let objects: Labels?
  public let attributes: Labels?

  /// C; nil where there are no probabilities.
  public var classes: Int? { probabilities.map { $0.count / count } }

  /// The most regions of a photo; detectors give 10 to 100, a grid of cells some hundreds.
  public static let maximumCount = 4096
  /// The most numbers of a region, and the most classes.
  public static let maximumWidth = 1 << 16

  /// - Parameter features: the number of regions is that of the boxes, and each has as many numbers.
  /// - Throws: `RegionFault` for whatever does not belong together, is not finite or lies outside.
  public init(
    features: [UInt16], boxes: [Float], probabilities: [UInt16]? = nil, objects: Labels? = nil,
    attributes: Labels? = nil
  ) throws(RegionFault) {
    count = boxes.count / 4
    guard (1...Self.maximumCount).contains(count), boxes.count % 4 == 0 else {
      throw RegionFault("\(count) regions; 1 to \(Self.maximumCount) are read")
    }
    width = try Self.width(features, count, "features")
    (self.features, self.boxes, self.probabilities) = (features, boxes, probabilities)
    (self.objects, self.attributes) = (objects, attributes)
    try Self.check(boxes)
    try Self.checkFinite(features, width, "features")
    if let probabilities { try Self.check(probabilities: probabilities, count) }
    for (labels, name) in [(objects, "objects"), (attributes, "attributes")] {
      if let labels { try Self.check(labels, count, name) }
    }
  }

  private static func width(_ values: [UInt16], _ count: Int, _ name: String) throws(RegionFault) -> Int {
    let width = values.count / count
    guard values.count % count == 0, (1...maximumWidth).contains(width) else {
      throw RegionFault("\(values.count) numbers of \(name) for \(count) regions; 1 to \(maximumWidth) each are read")
    }
    return width
  }

  private static func checkFinite(_ halves: [UInt16], _ width: Int, _ name: String) throws(RegionFault) {
    guard let place = halves.firstIndex(where: { $0 & 0x7C00 == 0x7C00 }) else { return }
    throw RegionFault(
      "number \(place % width + 1) of region \(place / width + 1) of the \(name) is NaN, infinite or beyond 65,504, "
        + "which float16 does not hold")
  }

  private static func check(_ boxes: [Float]) throws(RegionFault) {
    for region in 0..<(boxes.count / 4) {
      let box = boxes[(region * 4)..<(region * 4 + 4)].map { $0 }
      guard box.allSatisfy({ (0...1).contains($0) }), box[0] <= box[2], box[1] <= box[3] else {
        throw RegionFault("the box of region \(region + 1) is \(box): no part of the photo")
      }
    }
  }

  private static func check(probabilities: [UInt16], _ count: Int) throws(RegionFault) {
    let classes = try width(probabilities, count, "probabilities")
    // Bits of float16 from +0 to 1, of which -0 is no part, but a probability nonetheless.
    guard let place = probabilities.firstIndex(where: { $0 > 0x3C00 && $0 != 0x8000 }) else { return }
    throw RegionFault("class \(place % classes) of region \(place / classes + 1) has a probability that is not 0 to 1")
  }

  private static func check(_ labels: Labels, _ count: Int, _ name: String) throws(RegionFault) {
    guard labels.ids.count == count, labels.confidences.count == count else {
      throw RegionFault("\(labels.ids.count) \(name) with \(labels.confidences.count) confidences for \(count) regions")
    }
    guard labels.ids.allSatisfy({ $0 >= 0 }), labels.confidences.allSatisfy({ (0...1).contains($0) }) else {
      throw RegionFault("one of the \(name) has a number below 0, or a confidence that is not 0 to 1")
    }
  }
}

/// Why regions are refused, in words; who reads them knows where they stand.
public struct RegionFault: Error, Equatable {
  public let reason: String

  public init(_ reason: String) { self.reason = reason }
}
