import Images
import Testing

@Suite struct ResizeTests {
  @Test func everyResizeEqualsPillow() throws {
    for golden in try Golden.load().resize {
      let source = Synthetic.noisy.picture(golden.source[0], golden.source[1])
      let box = golden.box.map { (x: $0[0], y: $0[1], width: $0[2] - $0[0], height: $0[3] - $0[1]) }
      let resized = resize(
        source, width: golden.target[0], height: golden.target[1], filter: golden.filter, box: box)
      #expect(
        Golden.Result(resized) == golden.result,
        "\(golden.source) to \(golden.target), box \(golden.box ?? []), \(golden.filter)")
    }
  }

  /// The order in which an older Pillow takes the passes, and the other one, each to the last bit.
  @Test func bothOrdersEqualPillow() throws {
    var different = 0
    for golden in try Golden.load().resize {
      let source = Synthetic.noisy.picture(golden.source[0], golden.source[1])
      let box = golden.box.map { (x: $0[0], y: $0[1], width: $0[2] - $0[0], height: $0[3] - $0[1]) }
      for (order, expected) in [(PassOrder.rowsFirst, golden.rowsFirst), (.columnsFirst, golden.columnsFirst)] {
        let resized = resize(
          source, width: golden.target[0], height: golden.target[1], filter: golden.filter, box: box, order: order)
        #expect(Golden.Result(resized) == expected, "\(golden.source) to \(golden.target), \(golden.filter), \(order)")
      }
      if golden.rowsFirst != golden.result { different += 1 }
    }
    #expect(different > 10, "columns first in \(different) goldens only")
  }

  @Test func theFastKernelsEqualThePlainOnes() {
    for (width, height) in [(1, 1), (7, 2), (12, 5), (13, 6), (64, 33), (250, 31), (1021, 17)] {
      let source = Synthetic.noisy.picture(width, height)
      for (newWidth, newHeight) in [(1, 1), (5, 9), (32, 32), (64, 11), (75, 40)] {
        for filter in ResizeFilter.allCases {
          for order in [PassOrder.rowsFirst, .columnsFirst] {
            var resampling = Resampling(
              source: PixelBox(x: 0, y: 0, width: width, height: height), size: (newWidth, newHeight),
              window: PixelBox(x: 0, y: 0, width: newWidth, height: newHeight), filter: filter)
            resampling.order = order
            let fast = resampling.apply(to: source)
            resampling.kernel = .portable
            #expect(
              fast == resampling.apply(to: source), "\(width)x\(height) to \(newWidth)x\(newHeight), \(filter)")
          }
        }
      }
    }
  }

  @Test(arguments: [90, 300]) func aWindowIsAPartOfTheWhole(height: Int) {
    let source = Synthetic.noisy.picture(120, height)
    let whole = resize(source, width: 50, height: 40, filter: .bicubic)
    let window = PixelBox(x: 11, y: 7, width: 33, height: 30)
    let part = Resampling(
      source: PixelBox(x: 0, y: 0, width: 120, height: height), size: (50, 40), window: window, filter: .bicubic)
    #expect(part.apply(to: source) == whole.cropped(to: window))
  }

  @Test func sameSizeIsTheSamePicture() {
    let source = Synthetic.random.picture(41, 29)
    for filter in ResizeFilter.allCases {
      #expect(resize(source, width: 41, height: 29, filter: filter) == source)
    }
  }
}
