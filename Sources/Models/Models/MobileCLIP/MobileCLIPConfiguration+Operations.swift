internal import Layers

// What a MobileCLIP costs, part by part as its towers compute.

extension MobileCLIPConfiguration {
  public func operations(_ shapes: BatchShapes) -> Double {
    let images = shapes.textLengths.count
    var count = OperationCount(shapes)
    vision.add(to: &count, images: images, folding)
    // Every text is filled up to the whole context.
    count.tower(text.block, [Int](repeating: text.contextLength, count: images))
    count.product(images, vision.outputWidth + text.width, embeddingWidth)
    for _ in 0..<2 { count.product(images, embeddingWidth, shapes.globalBatch) }
    return count.total
  }
}

extension MobileCLIPConfiguration.Vision {
  func add(to count: inout OperationCount, images: Int, _ folding: Folding) {
    var side = imageSize
    for (place, form) in stem.enumerated() {
      count.branches(form, folding, images: images, side: &side, times: place == 0 ? 2 : 3)
    }
    for (stage, (depth, width)) in zip(depths, widths).enumerated() {
      if stage > 0 { addDownsampling(toStage: stage, to: &count, images: images, side: &side, folding) }
      let isAttention = attentionStages.contains(stage)
      if isAttention { count.slide(7, over: width, images: images, side: &side) }
      for _ in 0..<depth {
        if isAttention {
          count.attention(images: images, places: side * side, width: width)
        } else {
          let form = ConvolutionForm(inputs: width, outputs: width, kernel: 3, isDepthwise: true)
          count.branches(form, folding, images: images, side: &side)
        }
        count.slide(7, over: width, images: images, side: &side)
        for _ in 0..<2 { count.product(images * side * side, width, hiddenRatio * width) }
      }
    }
    count.branches(last, folding, images: images, side: &side)
    for _ in 0..<2 { count.product(images, outputWidth, squeezedOutput) }
  }

  private func addDownsampling(
    toStage stage: Int, to count: inout OperationCount, images: Int, side: inout Int, _ folding: Folding
  ) {
    let large = downsampling(toStage: stage)
    var small = large
    small.kernel = 3
    var again = side
    count.convolution(large, images: images, side: &side)
    if folding.hasBranches { count.convolution(small, images: images, side: &again) }
    if let squeezed = squeezedWidth(ofStage: stage) {
      for _ in 0..<2 { count.product(images, widths[stage], squeezed) }
    }
    count.product(images * side * side, widths[stage], widths[stage])
  }
}

extension OperationCount {
  /// A block of branches: beside a kernel of several places one of a single place.
  fileprivate mutating func branches(
    _ form: ConvolutionForm, _ folding: Folding, images: Int, side: inout Int, times: Double = 3
  ) {
    var (point, again) = (form, side)
    point.kernel = 1
    if folding.hasBranches, form.kernel > 1 { convolution(point, images: images, side: &again, times: times) }
    convolution(form, images: images, side: &side, times: times)
  }

  /// A kernel of its own for each channel.
  fileprivate mutating func slide(_ kernel: Int, over width: Int, images: Int, side: inout Int) {
    let form = ConvolutionForm(inputs: width, outputs: width, kernel: kernel, isDepthwise: true)
    convolution(form, images: images, side: &side)
  }

  /// All places of an image look at each other.
  fileprivate mutating func attention(images: Int, places: Int, width: Int) {
    product(images * places, width, 4 * width)
    for _ in 0..<2 { product(images * places, width, places) }
  }
}
