internal import Archives
internal import Batching

/// UNITER's form, an `.npz` a photo (`scripts/convert_imgdir.py`): `features` [R, F], `norm_bb` [R, 6] or [R, 4], and if the
/// detector says so `conf` [R] and `soft_labels` [R, C].
extension RegionReading {
  /// - Throws: `ArchiveError`, `NPYError` or `RegionError.file`.
  init(npz path: String, size: PictureSize) throws {
    let arrays = try NPZArrays(path: path)
    let features = try arrays.required("features", rank: 2)
    let boxes = try arrays.required("norm_bb", rank: 2)
    let confidences = try arrays.array("conf", rank: 1)
    let probabilities = try arrays.array("soft_labels", rank: 2)
    do throws(RegionFault) {
      try self.init(features, boxes, confidences, probabilities, size)
    } catch {
      throw RegionError.file(path: path, reason: error.reason)
    }
  }

  private init(
    _ features: NPYArray, _ boxes: NPYArray, _ confidences: NPYArray?, _ probabilities: NPYArray?, _ size: PictureSize
  ) throws(RegionFault) {
    let (found, columns) = (features.shape[0], boxes.shape[1])
    let lengths = [boxes, confidences, probabilities].compactMap(\.?.shape[0])
    guard (1...RegionFeatures.maximumCount).contains(found), lengths.allSatisfy({ $0 == found }) else {
      throw RegionFault("\(found) rows of features, and \(lengths) of the other arrays")
    }
    guard columns == 4 || columns == 6 else { throw RegionFault("norm_bb has \(columns) numbers a region, not 4 or 6") }
    let certain = confidences?.floats
    guard certain?.allSatisfy({ (0...1).contains($0) }) ?? true else { throw RegionFault("conf is not from 0 to 1") }
    let kept = certain.map { min(found, UNITER.most, max(UNITER.least, $0.count { $0 > UNITER.confidence })) } ?? found
    let inside = try RegionBoxes(
      Array((boxes.floats ?? []).prefix(kept * columns)), stride: columns, unit: (1, 1), size: size)
    let regions = try RegionFeatures(
      features: Self.rows(kept, of: features), boxes: inside.shares,
      probabilities: probabilities.map { Self.rows(kept, of: $0) })
    self.init(
      regions, clippedBoxes: inside.clipped, leftOut: found - kept,
      isUnsorted: certain.map { zip($0, $0.dropFirst()).contains { $0 < $1 } } ?? false)
  }

  private static func rows(_ count: Int, of array: NPYArray) -> [UInt16] {
    Array((array.halves ?? []).prefix(count * array.shape[1]))
  }

  /// Which regions are kept: the first ones, as many as are certain, within bounds.
  private enum UNITER {
    static let confidence: Float = 0.2
    static let least = 10
    static let most = 100
  }
}

/// The arrays of floating-point numbers in an `.npz`, which is a zip of `.npy` files.
private struct NPZArrays {
  private let reader: ZipReader

  /// 100 regions of 2,048 numbers are 0.4 MB.
  private static var limits: ArchiveLimits {
    var limits = ArchiveLimits()
    limits.maximumEntries = 64
    limits.maximumEntryBytes = 64 << 20
    limits.maximumTotalBytes = 256 << 20
    return limits
  }

  init(path: String) throws { reader = try ZipReader(path: path, limits: Self.limits) }

  /// Nil where there is none of that name. What is not asked for is not read, so it may be anything: UNITER's files hold a
  /// stray `allow_pickle`.
  func array(_ name: String, rank: Int) throws -> NPYArray? {
    guard let entry = reader.entry(named: name + ".npy") else { return nil }
    let array = try NPYArray(reading: reader.read(entry), place: "\(reader.path): “\(name)”")
    guard array.shape.count == rank, array.floats != nil else {
      throw RegionError.file(
        path: reader.path,
        reason:
          "\(name) is \(array.elementType) \(array.shape), and floating-point numbers of \(rank) dimensions are wanted")
    }
    return array
  }

  func required(_ name: String, rank: Int) throws -> NPYArray {
    if let array = try array(name, rank: rank) { return array }
    let found = reader.entries.map(\.name).joined(separator: ", ")
    throw RegionError.file(path: reader.path, reason: "it has no array “\(name)”; what is there: \(found)")
  }
}
