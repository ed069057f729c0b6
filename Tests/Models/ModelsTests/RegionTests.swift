import Layers
import Models
import TensorEngine
import TestSupport
import Testing

/// Images as models read them that look at regions: where cells lie, and how batches are cut.
@Suite struct RegionTests {
  /// facts of a grid of two rows and three columns: patch (r, c) lies at c/3, r/2, (c+1)/3, (r+1)/2.
  @Test func cellsHaveBoxes() {
    let grid = TokenGrid(rows: 2, columns: 3, hasClassToken: true)
    let boxes = grid.boxes
    #expect(grid.count == 7 && boxes.count == 7 && boxes[0] == .whole)
    #expect(boxes[1] == Box(0, 0, Float(1) / 3, 0.5))
    #expect(boxes[6] == Box(Float(2) / 3, 0.5, 1, 1))
    #expect(boxes.dropFirst().allSatisfy { abs($0.area - Float(1) / 6) < 1e-6 })
    #expect(TokenGrid(rows: 2, columns: 3, hasClassToken: false).boxes == Array(boxes.dropFirst()))
  }

  /// Every tower of the catalogue says the places of exactly the states that it makes.
  @Test func towersSayTheirGrid() throws {
    for kind in SmallTower.allCases {
      let builder = ParameterBuilder()
      let encoder = kind.description.makePictureEncoder(builder)
      let arena = ParameterArena(builder)
      arena.initialize(seed: 1)
      let engine = Engine(threadCount: 1)
      let side = kind.description.imageSize
      let pixels = engine.tensor([Float](repeating: 0.5, count: 2 * 3 * side * side), shape: [2, 3, side, side])
      let states = encoder(pixels, .all, Tape(engine, recording: false))
      #expect(states.offsets == [0, kind.description.grid.count, 2 * kind.description.grid.count], "\(kind)")
      withExtendedLifetime(arena) {}
    }
  }

  private func regions(_ engine: Engine) -> PackedRegions {
    PackedRegions(
      features: engine.tensor((0..<12).map { Float($0) }, shape: [6, 2]),
      boxes: (0..<6).map { Box(0, 0, Float($0 + 1) / 6, 1) }, offsets: [0, 1, 4, 6])
  }

  @Test func partsOfABatchKeepTheirRegions() {
    let engine = Engine(threadCount: 1)
    let images = ImageInput(regions(engine)).hiding([[], [0, 2], [1]])
    let part = images[1..<3]
    #expect(part.count == 2 && part.hidden == [[0, 2], [1]])
    #expect(part.regions.offsets == [0, 3, 5])
    #expect(part.regions.features.values() == (2..<12).map { Float($0) })
    #expect(part.regions.boxes.first == Box(0, 0, Float(2) / 6, 1))
    #expect(images[0..<1].hidden.isEmpty)
  }

  @Test func partsOfABatchKeepTheirExtents() {
    let engine = Engine(threadCount: 1)
    let pixels = engine.tensor((0..<24).map { Float($0) }, shape: [2, 3, 2, 2])
    let extents = [PictureExtent(height: 2, width: 1), PictureExtent(height: 1, width: 2)]
    let part = ImageInput(.pictures(Pictures(pixels: pixels, extents: extents)))[1..<2]
    #expect(part.pictures.extents == [extents[1]] && part.pictures.pixels.values() == (12..<24).map { Float($0) })
  }

  @Test func blankImagesHaveTheModelsShape() {
    let engine = Engine(threadCount: 1)
    let regions = engine.blankImages(2, of: .regions(RegionShape(width: 3, limit: 4))).regions
    #expect(regions.features.shape == [8, 3] && regions.offsets == [0, 4, 8])
    #expect(regions.boxes.allSatisfy { $0.area > 0 })
    #expect(engine.blankImages(1, of: .pictures(side: 4)).pictures.pixels.shape == [1, 3, 4, 4])
  }
}
