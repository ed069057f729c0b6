import Evaluation
import Randomness
import Testing

@Suite struct ImageClustersTests {
  /// Each image is shown once, and none in place of one of its own cluster.
  @Test(arguments: 0..<UInt64(30))
  func otherImagesAreOfOtherClusters(seed: UInt64) throws {
    var random = RandomStream(seed: seed, 20)
    let names = (0..<2 + random.integer(below: 60)).map { _ in random.integer(below: 1 + Int(seed)) }
    let largest = Set(names).map { name in names.count { $0 == name } }.max() ?? 0
    let others = ImageClusters(names).otherImages()
    guard 2 * largest <= names.count else { return #expect(others == nil) }
    let found = try #require(others)
    #expect(found.sorted() == Array(names.indices))
    #expect(names.indices.allSatisfy { names[found[$0]] != names[$0] })
    #expect(ImageClusters(names.map { "patient \($0)" }).otherImages() == found, "whatever the names")
  }

  /// By chance alone: images near and far are shown alike.
  @Test func noOtherImageIsPreferred() throws {
    let found = try #require(ImageClusters(Array(0..<1000)).otherImages())
    let distances = found.enumerated().map { ($1 - $0 + 1000) % 1000 }
    #expect(Set(distances).count > 550 && distances.count { $0 < 500 } > 430 && distances.count { $0 < 500 } < 570)
  }

  @Test func whereThereIsNoOtherNoneIsShown() {
    #expect(ImageClusters([Int]()).otherImages() == nil)
    #expect(ImageClusters([7]).otherImages() == nil)
    #expect(ImageClusters([1, 1, 2]).otherImages() == nil)
    #expect(ImageClusters([1, 2]).otherImages() == [1, 0])
  }
}
