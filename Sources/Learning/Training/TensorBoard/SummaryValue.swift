/// A value of an event that TensorBoard shows, under a tag. Field numbers are those of TensorFlow's `summary.proto` and `tensor.proto`.
package enum SummaryValue {
  case scalar(Float)
  /// Markdown.
  case text(String)
  case histogram(ValueHistogram)
  /// A JPEG or PNG.
  case picture([UInt8], width: Int, height: Int)

  func message(tag: String) -> WireMessage {
    var message = WireMessage()
    message.add(1, tag)
    switch self {
    case .scalar(let value): message.add(2, value)
    case .text(let words):
      message.add(8, Self.tensor(of: words))
      message.add(9, Self.metadata(plugin: "text"))
    case .histogram(let histogram): message.add(5, histogram.message)
    case .picture(let file, let width, let height): message.add(4, Self.image(file, width: width, height: height))
    }
    return message
  }

  /// A tensor of one string: `dtype` 7, shape [1].
  private static func tensor(of words: String) -> WireMessage {
    var (size, shape, tensor) = (WireMessage(), WireMessage(), WireMessage())
    size.add(1, 1)
    shape.add(2, size)
    tensor.add(1, 7)
    tensor.add(2, shape)
    tensor.add(8, words)
    return tensor
  }

  private static func metadata(plugin: String) -> WireMessage {
    var (data, metadata) = (WireMessage(), WireMessage())
    data.add(1, plugin)
    metadata.add(1, data)
    return metadata
  }

  private static func image(_ file: [UInt8], width: Int, height: Int) -> WireMessage {
    var image = WireMessage()
    image.add(1, height)
    image.add(2, width)
    image.add(3, 3)  // RGB
    image.add(4, file)
    return image
  }
}
