import Batching
import Files
import TestSupport
import Testing

/// Regions as a value and as members of a sample. (That members are NumPy's to the last byte is tested with the readers.)
@Suite struct RegionFeaturesTests {
  private static let boxes: [Float] = [0, 0, 1, 1, 0.25, 0.5, 0.25, 0.75]

  private func regions() throws -> RegionFeatures {
    try RegionFeatures(
      features: [0x3C00, 0x8000, 0x7BFF, 0x0001, 0, 0xFBFF], boxes: Self.boxes,
      probabilities: [0x3C00, 0, 0x3800, 0x8000],
      objects: .init(ids: [1, 1599], confidences: [0, 1]), attributes: .init(ids: [0, .max], confidences: [0.5, 0.25]))
  }

  @Test func membersAreReadBack() throws {
    let regions = try regions()
    #expect(regions.count == 2 && regions.width == 3)
    let members = Dictionary(uniqueKeysWithValues: regions.members.map { ($0.member, $0.bytes) })
    #expect(members.count == 7)
    #expect(try RegionFeatures(place: "a") { members[$0] } == regions)
    let plain = try RegionFeatures(features: [0, 0], boxes: Self.boxes)
    #expect(plain.members.map(\.member.rawValue) == ["regions.npy", "region_boxes.npy"])
  }

  /// A member that is missing, of another type or of another length.
  @Test(arguments: [
    (RegionMember.features, nil, "a: it has no regions.npy"), (.boxes, nil, "a: it has no region_boxes.npy"),
    (.objectConfidences, nil, "a: it has no region_object_confidences.npy"),
    (.features, NPYArray(.float32, shape: [2, 1], [UInt32](repeating: 0, count: 2)), "a.regions.npy: float32 [2, 1]"),
    (.features, NPYArray(.float16, shape: [2], [UInt16](repeating: 0, count: 2)), "float16 of 2 dimensions is wanted"),
    (.features, NPYArray(.float16, shape: [0, 4], [UInt16]()), "for regions [0, 4]"),
    (.boxes, NPYArray(.float32, shape: [4, 2], boxes.map(\.bitPattern)), "boxes [4, 2]"),
    (.probabilities, NPYArray(.float16, shape: [1, 2], [UInt16](repeating: 0, count: 2)), "classes [1, 2]"),
    (.attributes, NPYArray(.int32, shape: [1], [Int32](repeating: 0, count: 1)), "1 attributes with 2 confidences"),
  ]) func refusesMembers(member: RegionMember, array: NPYArray?, reason: String) throws {
    var members = Dictionary(uniqueKeysWithValues: try regions().members.map { ($0.member, $0.bytes) })
    members[member] = array?.encoded
    let error = #expect(throws: NPYError.self) { try RegionFeatures(place: "a") { members[$0] } }
    #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
  }

  @Test(
    arguments: [
      ([], [], "0 regions"), ([0], [0, 0, 1], "0 regions"), ([0, 0, 0], boxes, "3 numbers of features for 2 regions"),
      ([], boxes, "0 numbers"), ([0, 0x7C00], boxes, "number 1 of region 2"),
      ([0, 0, 0, 0xFE00], boxes, "number 2 of region 2"),
      ([0, 0], [0, 0, 1, 1, 0, 0, 1, 1.0001], "box of region 2"), ([0], [0, -0.1, 1, 1], "box of region 1"),
      ([0], [0.5, 0, 0.4, 1], "box of region 1"), ([0], [0, 0.5, 1, 0.4], "box of region 1"),
      ([0], [.nan, 0, 1, 1], "box of region 1"),
      ([0], [Float](repeating: 0, count: 4 * 4097), "4097 regions"),
    ] as [([UInt16], [Float], String)]) func refuses(features: [UInt16], boxes: [Float], reason: String) throws
  {
    let error = #expect(throws: RegionFault.self) { try RegionFeatures(features: features, boxes: boxes) }
    #expect(error?.reason.contains(reason) == true, "\(error?.reason ?? "")")
  }

  @Test(
    arguments: [
      ([0x3C01, 0], RegionFeatures.Labels(ids: [0, 0], confidences: [0, 0]), "class 0 of region 1"),
      ([0, 0x8001], nil, "class 0 of region 2"), ([0, 0x7E00], nil, "class 0 of region 2"),
      ([0, 0, 0], nil, "3 numbers"),
      (nil, RegionFeatures.Labels(ids: [0], confidences: [0, 0]), "1 objects with 2 confidences for 2 regions"),
      (nil, RegionFeatures.Labels(ids: [0, -1], confidences: [0, 0]), "below 0"),
      (nil, RegionFeatures.Labels(ids: [0, 0], confidences: [0, .nan]), "not 0 to 1"),
    ] as [([UInt16]?, RegionFeatures.Labels?, String)])
  func refusesClasses(probabilities: [UInt16]?, objects: RegionFeatures.Labels?, reason: String) throws {
    let error = #expect(throws: RegionFault.self) {
      try RegionFeatures(features: [0, 0], boxes: Self.boxes, probabilities: probabilities, objects: objects)
    }
    #expect(error?.reason.contains(reason) == true, "\(error?.reason ?? "")")
  }
}
