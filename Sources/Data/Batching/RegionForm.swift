/// What the regions of all samples of a set have in common: how many numbers each has, and how many classes where there are
/// any.
struct RegionForm {
  private var width: Int?
  private var classes: Int?

  /// - Throws: `RegionFault` for regions of another form than those before them.
  mutating func agree(_ regions: RegionFeatures) throws(RegionFault) {
    try Self.agree(&width, regions.width, "numbers")
    if let found = regions.classes { try Self.agree(&classes, found, "classes") }
  }

  private static func agree(_ known: inout Int?, _ found: Int, _ name: String) throws(RegionFault) {
    if let known, known != found {
      throw RegionFault("its regions have \(found) \(name) each, those of samples before it \(known)")
    }
    known = found
  }
}
