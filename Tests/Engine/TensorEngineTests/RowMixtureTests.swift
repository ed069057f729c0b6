import TensorEngine
import TestSupport
import Testing

@Suite struct RowMixtureTests {
  /// y = M x and dx = Mᵀ dy, by hand; a row that no mixture has gets nothing, and one that two have gets both.
  @Test func rowsAreMixedAndGradientsGoBack() throws {
    let tape = Tape(Engine(threadCount: 2))
    let x = tape.engine.tensor([1, 2, 3, 4, 5, 6, 7, 8], shape: [4, 2], requiresGradient: true)
    let y = tape.mixRows(
      x, [RowMixture([(0, 0.25), (1, 0.75)]), RowMixture(row: 3), RowMixture([(1, 2), (2, 0)]), RowMixture([])])
    #expect(y.values() == [2.5, 3.5, 7, 8, 6, 8, 0, 0])
    try tape.backward(from: [(y, tape.engine.tensor([1, 10, 2, 20, 3, 30, 4, 40], shape: [4, 2]))])
    #expect(x.gradientValues() == [0.25, 2.5, 6.75, 67.5, 0, 0, 2, 20])
  }

  /// Patches of pictures that fill their array in part: row by row, each colour by itself.
  @Test func patchesAreCutFromTheTopLeft() {
    let tape = Tape(Engine(threadCount: 2))
    let pixels = tape.engine.tensor((0..<48).map { Float($0) }, shape: [2, 1, 4, 6])
    let cut = tape.patches(
      pixels, side: 2, grids: [PatchGrid(rows: 1, columns: 3), PatchGrid(rows: 2, columns: 1)])
    #expect(cut.shape == [5, 4])
    #expect(
      cut.values() == [0, 1, 6, 7, 2, 3, 8, 9, 4, 5, 10, 11, 24, 25, 30, 31, 36, 37, 42, 43])
  }
}
