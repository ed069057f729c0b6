internal import Batching

/// Rows of the tables in circulation.
extension RegionReading {
  /// `image_id`, `image_w`, `image_h`, `num_boxes`, `boxes`, `features`: `tools/generate_tsv.py` of bottom-up attention.
  init(bottomUp fields: [RegionField], _ size: PictureSize) throws(RegionFault) {
    let stated = try Self.picture(width: fields[1], height: fields[2], as: size)
    let count = try fields[3].count()
    let boxes = try Self.boxes(fields[4], count, stated)
    let features = try Self.halves(fields[5].array("features", .float32, rows: count))
    self.init(try RegionFeatures(features: features, boxes: boxes.shares), clippedBoxes: boxes.clipped)
  }

  /// `img_id`, `img_h`, `img_w`, `objects_id`, `objects_conf`, `attrs_id`, `attrs_conf`, `num_boxes`, `boxes`, `features`:
  /// LXMERT's, with the height first.
  init(lxmert fields: [RegionField], _ size: PictureSize) throws(RegionFault) {
    let stated = try Self.picture(width: fields[2], height: fields[1], as: size)
    let count = try fields[7].count()
    let objects = try Self.labels("objects", fields[3], fields[4], count)
    let attributes = try Self.labels("attributes", fields[5], fields[6], count)
    let boxes = try Self.boxes(fields[8], count, stated)
    let features = try Self.halves(fields[9].array("features", .float32, rows: count))
    self.init(
      try RegionFeatures(features: features, boxes: boxes.shares, objects: objects, attributes: attributes),
      clippedBoxes: boxes.clipped)
  }

  /// The key, the number of regions, float32 [R, F + 6]: Oscar's. The last six are left, top, right, bottom, width and
  /// height as shares of the picture.
  init(oscar fields: [RegionField], _ size: PictureSize) throws(RegionFault) {
    let count = try fields[1].count()
    try self.init(oscar: fields[2].array("features", .float32, rows: count), size)
  }

  init(oscar array: NPYArray, _ size: PictureSize) throws(RegionFault) {
    let (count, width) = (array.shape[0], array.shape[1])
    guard width > 6, let halves = array.halves, let floats = array.floats else {
      throw RegionFault("it has \(width) numbers a region, where features and six numbers of the box are wanted")
    }
    let rows = (0..<count).map { $0 * width }
    let boxes = try RegionBoxes(
      rows.flatMap { floats[($0 + width - 6)..<($0 + width)] }, stride: 6, unit: (1, 1), size: size)
    let features = rows.flatMap { halves[$0..<($0 + width - 6)] }
    self.init(try RegionFeatures(features: features, boxes: boxes.shares), clippedBoxes: boxes.clipped)
  }

  /// The size that a row states, which is that of the photo but for its scale.
  private static func picture(
    width: RegionField, height: RegionField, as photo: PictureSize
  ) throws(RegionFault) -> PictureSize {
    guard let stated = PictureSize(width: width.number, height: height.number) else {
      throw RegionFault("“\(width.text.prefix(20))” × “\(height.text.prefix(20))” is no size of a picture")
    }
    guard stated.hasShape(of: photo) else {
      throw RegionFault(
        "it is of a picture of \(stated.width)×\(stated.height), and the photo has \(photo.width)×\(photo.height): another "
          + "photo, or it was not turned upright as EXIF says")
    }
    return stated
  }

  private static func boxes(_ field: RegionField, _ count: Int, _ size: PictureSize) throws(RegionFault) -> RegionBoxes
  {
    let numbers = try field.array("boxes", .float32, rows: count, columns: 4).floats ?? []
    return try RegionBoxes(numbers, stride: 4, unit: (Float(size.width), Float(size.height)), size: size)
  }

  private static func labels(
    _ name: String, _ ids: RegionField, _ confidences: RegionField, _ count: Int
  ) throws(RegionFault) -> RegionFeatures.Labels {
    let numbers = try ids.array("\(name)_id", .int64, rows: count, columns: 1).integers ?? []
    let shares = try confidences.array("\(name)_conf", .float32, rows: count, columns: 1).floats ?? []
    let narrow = numbers.compactMap { Int32(exactly: $0) }
    guard narrow.count == count else { throw RegionFault("one of its \(name) has a number beyond 32 bits") }
    return RegionFeatures.Labels(ids: narrow, confidences: shares)
  }

  private static func halves(_ array: NPYArray) -> [UInt16] { array.halves ?? [] }
}
