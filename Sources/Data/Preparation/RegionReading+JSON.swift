internal import Batching

/// Rows whose second column is JSON.
extension RegionReading {
  /// VinVL's predictions, `{"objects": [{"rect": …, "feature": …}, …]}` with boxes in pixels of the photo, or the features
  /// that Oscar reads for captioning, `{"num_boxes": …, "features": …}`.
  init(json fields: [RegionField], _ size: PictureSize) throws(RegionFault) {
    let record: RegionRecord
    do throws(JSONFault) {
      record = try decodeJSON(RegionRecord.self, fields[1].json)
    } catch {
      throw RegionFault(error.reason)
    }
    if let objects = record.objects {
      try self.init(objects: objects, size)
    } else if let count = record.count, let text = record.features {
      try self.init(oscar: regionArray(text, "features", rows: regionCount(count)), size)
    } else {
      throw RegionFault("it has neither objects nor num_boxes and features")
    }
  }

  private init(objects: [RegionRecord.Object], _ size: PictureSize) throws(RegionFault) {
    _ = try regionCount(objects.count)
    var features: [[UInt16]] = []
    for (place, object) in objects.enumerated() {
      guard object.rect.count == 4 else {
        throw RegionFault("object \(place + 1) has a rect of \(object.rect.count) numbers")
      }
      guard let text = object.feature else { throw RegionFault("object \(place + 1) has no feature") }
      features.append(try regionArray(text, "feature", rows: 1).halves ?? [])
      guard features[place].count == features[0].count else {
        throw RegionFault(
          "object \(place + 1) has a feature of \(features[place].count) numbers, the first one of \(features[0].count)"
        )
      }
    }
    let boxes = try RegionBoxes(
      objects.flatMap(\.rect), stride: 4, unit: (Float(size.width), Float(size.height)), size: size)
    self.init(
      try RegionFeatures(features: features.flatMap(\.self), boxes: boxes.shares), clippedBoxes: boxes.clipped,
      hasNamedClasses: objects.contains { $0.name != nil })
  }
}

private func regionArray(_ base64: String, _ name: String, rows: Int) throws(RegionFault) -> NPYArray {
  let result = Array(base64.utf8).withUnsafeBytes { bytes in
    Result { () throws(RegionFault) in try RegionField(bytes[...]).array(name, .float32, rows: rows) }
  }
  return try result.get()
}

/// What is read of the JSON.
private struct RegionRecord: Decodable {
  struct Object: Decodable {
    let rect: [Float]
    let feature: String?
    let name: JSONIdentifier?

    enum CodingKeys: String, CodingKey {
      case rect, feature
      case name = "class"
    }
  }

  let objects: [Object]?
  let count: Int?
  let features: String?

  enum CodingKeys: String, CodingKey {
    case objects, features
    case count = "num_boxes"
  }
}
