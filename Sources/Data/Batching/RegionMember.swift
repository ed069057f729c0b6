/// The members of a sample of a prepared data set that hold its regions: `KEY.` and the raw value.
public enum RegionMember: String, CaseIterable, Codable, CodingKeyRepresentable, Sendable {
  /// float16 [R, F]
  case features = "regions.npy"
  /// float32 [R, 4]: left, top, right, bottom as shares of the photo.
  case boxes = "region_boxes.npy"
  /// float16 [R, C], where the source has class probabilities.
  case probabilities = "region_classes.npy"
  /// int32 [R] and float32 [R], where the source has numbers of objects and of attributes.
  case objects = "region_objects.npy"
  case objectConfidences = "region_object_confidences.npy"
  case attributes = "region_attributes.npy"
  case attributeConfidences = "region_attribute_confidences.npy"

  /// The largest array of the greatest number of regions, and its header.
  static let maximumBytes = 2 * RegionFeatures.maximumCount * RegionFeatures.maximumWidth + 12 + NPYHeader.lengthLimit
  /// The most that a record takes for saying where all of them lie.
  static let maximumPlacesBytes = 1 << 10
}

extension RegionFeatures {
  /// The members that are written, in the order of `RegionMember`, with their bytes.
  public var members: [(member: RegionMember, bytes: [UInt8])] {
    RegionMember.allCases.compactMap { member in array(member).map { (member, $0.encoded) } }
  }

  private func array(_ member: RegionMember) -> NPYArray? {
    switch member {
    case .features: NPYArray(.float16, shape: [count, width], features)
    case .boxes: NPYArray(.float32, shape: [count, 4], boxes.map(\.bitPattern))
    case .probabilities: probabilities.map { NPYArray(.float16, shape: [count, $0.count / count], $0) }
    case .objects: objects.map(ids)
    case .objectConfidences: objects.map(confidences)
    case .attributes: attributes.map(ids)
    case .attributeConfidences: attributes.map(confidences)
    }
  }

  private func ids(_ labels: Labels) -> NPYArray { NPYArray(.int32, shape: [count], labels.ids) }

  private func confidences(_ labels: Labels) -> NPYArray {
    NPYArray(.float32, shape: [count], labels.confidences.map(\.bitPattern))
  }

  /// Reads them back.
  ///
  /// - Parameters:
  ///   - place: the sample, for messages.
  ///   - member: the bytes of a member; nil where the sample has none.
  /// - Throws: `NPYError` for members that are no such arrays or do not belong together, and what `member` throws.
  public init(place: String, member: @escaping (RegionMember) throws -> [UInt8]?) throws {
    let reader = MemberReader(place: place, member: member)
    let features = try reader.required(.features, .float16, rank: 2)
    let boxes = try reader.required(.boxes, .float32, rank: 2)
    let probabilities = try reader.array(.probabilities, .float16, rank: 2)
    let objects = try reader.labels(.objects, .objectConfidences)
    let attributes = try reader.labels(.attributes, .attributeConfidences)
    do throws(RegionFault) {
      guard boxes.shape == [features.shape[0], 4], probabilities?.shape[0] ?? boxes.shape[0] == boxes.shape[0] else {
        throw RegionFault("boxes \(boxes.shape) or classes \(probabilities?.shape ?? []) for regions \(features.shape)")
      }
      try self.init(
        features: features.halves ?? [], boxes: boxes.floats ?? [], probabilities: probabilities?.halves,
        objects: objects, attributes: attributes)
    } catch {
      throw NPYError.malformed(place: place, reason: error.reason)
    }
  }
}

/// Reads the members of one sample, each of the one type and rank that it is written with.
private struct MemberReader {
  let place: String
  let member: (RegionMember) throws -> [UInt8]?

  func array(_ name: RegionMember, _ type: NPYArray.ElementType, rank: Int) throws -> NPYArray? {
    guard let bytes = try member(name) else { return nil }
    let file = "\(place).\(name.rawValue)"
    let array = try NPYArray(reading: bytes, place: file)
    guard array.elementType == type, array.shape.count == rank else {
      throw NPYError.malformed(
        place: file, reason: "\(array.elementType) \(array.shape) where \(type) of \(rank) dimensions is wanted")
    }
    return array
  }

  func required(_ name: RegionMember, _ type: NPYArray.ElementType, rank: Int) throws -> NPYArray {
    if let array = try array(name, type, rank: rank) { return array }
    throw NPYError.malformed(place: place, reason: "it has no \(name.rawValue)")
  }

  func labels(_ ids: RegionMember, _ confidences: RegionMember) throws -> RegionFeatures.Labels? {
    guard let numbers = try array(ids, .int32, rank: 1)?.integers else { return nil }
    let shares = try required(confidences, .float32, rank: 1).floats ?? []
    return RegionFeatures.Labels(ids: numbers.map { Int32($0) }, confidences: shares)
  }
}
