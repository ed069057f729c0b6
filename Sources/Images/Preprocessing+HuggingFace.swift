internal import Foundation

extension Preprocessing {
  /// As `preprocessor_config.json` of a Hugging Face CLIPImageProcessor, which `transformers` loads.
  public func huggingFaceJSON() -> [UInt8] {
    let square = "{\n    \"height\": \(imageSize),\n    \"width\": \(imageSize)\n  }"
    let members = [
      ("crop_size", square), ("do_center_crop", "true"), ("do_convert_rgb", "true"), ("do_normalize", "true"),
      ("do_rescale", "true"), ("do_resize", "true"), ("image_mean", list(mean)),
      ("image_processor_type", "\"CLIPImageProcessor\""), ("image_std", list(standardDeviation)),
      ("resample", String(filter.huggingFaceCode)), ("rescale_factor", "\(1.0 / 255)"),
      ("size", fit == .squash ? square : "{\n    \"shortest_edge\": \(imageSize)\n  }"),
    ]
    return Array("{\n\(members.map { "  \"\($0)\": \($1)" }.joined(separator: ",\n"))\n}\n".utf8)
  }

  /// Reads what `huggingFaceJSON()` and `transformers` write, and the older form with plain numbers for the sizes.
  /// Keys that are absent have the values of a CLIPImageProcessor, but size and colours must be there.
  ///
  /// - Throws: `PreprocessorConfigurationError` where the file asks for anything but: shorter side to S and centre crop
  ///   S×S, or both sides to S; /255; normalise, or not.
  public init(huggingFaceJSON bytes: [UInt8]) throws(PreprocessorConfigurationError) {
    guard let json = try? JSONDecoder().decode(ProcessorJSON.self, from: Data(bytes)) else {
      throw .notJSON(file: huggingFaceFile)
    }
    let (size, fit) = try json.sizeAndFit()
    let normalizes = json.doNormalize ?? true
    self.init(
      imageSize: size, filter: try json.filter(), fit: fit,
      mean: normalizes ? try json.colours(json.imageMean, key: "image_mean") : [0, 0, 0],
      standardDeviation: normalizes ? try json.colours(json.imageStd, key: "image_std") : [1, 1, 1])
  }
}

private let huggingFaceFile = "preprocessor_config.json"

/// Members that are there, in their JSON types; unknown ones are other tools' business.
private struct ProcessorJSON: Decodable {
  var doResize: Bool?
  var doCenterCrop: Bool?
  var doRescale: Bool?
  var doNormalize: Bool?
  var size: SizeJSON?
  var cropSize: SizeJSON?
  var resample: Int?
  var rescaleFactor: Double?
  var imageMean: [Double]?
  var imageStd: [Double]?

  enum CodingKeys: String, CodingKey {
    case doResize = "do_resize"
    case doCenterCrop = "do_center_crop"
    case doRescale = "do_rescale"
    case doNormalize = "do_normalize"
    case size
    case cropSize = "crop_size"
    case resample
    case rescaleFactor = "rescale_factor"
    case imageMean = "image_mean"
    case imageStd = "image_std"
  }
}

extension ProcessorJSON {
  fileprivate func sizeAndFit() throws(PreprocessorConfigurationError) -> (size: Int, fit: Preprocessing.Fit) {
    for (key, value) in [("do_resize", doResize), ("do_rescale", doRescale)] where value == false {
      throw unsupported(key, "false", wanted: "true")
    }
    let factor = rescaleFactor ?? 1 / 255
    guard abs(factor * 255 - 1) < 1e-4 else { throw unsupported("rescale_factor", "\(factor)", wanted: "1/255") }
    guard let size else { throw .missing(file: huggingFaceFile, key: "size") }
    let (side, fit) = try size.side(key: "size")
    if doCenterCrop == false {
      // Pictures that keep their shape have no common size.
      guard fit == .squash else { throw unsupported("do_center_crop", "false", wanted: "true") }
      return (side, fit)
    }
    let crop = try (cropSize ?? .number(side)).side(key: "crop_size").side
    guard crop == side else { throw unsupported("crop_size", "\(crop)", wanted: "\"size\", \(side),") }
    return (side, fit)
  }

  fileprivate func filter() throws(PreprocessorConfigurationError) -> ResizeFilter {
    let code = resample ?? ResizeFilter.bicubic.huggingFaceCode
    guard let filter = ResizeFilter.allCases.first(where: { $0.huggingFaceCode == code }) else {
      throw unsupported("resample", "\(code)", wanted: "1 (Lanczos), 2 (bilinear) or 3 (bicubic)")
    }
    return filter
  }

  fileprivate func colours(_ values: [Double]?, key: String) throws(PreprocessorConfigurationError) -> [Double] {
    guard let values else { throw .missing(file: huggingFaceFile, key: key) }
    return try checkedColours(values, isDeviation: key == "image_std", key: key, file: huggingFaceFile)
  }

  private func unsupported(_ key: String, _ value: String, wanted: String) -> PreprocessorConfigurationError {
    .unsupported(file: huggingFaceFile, key: key, value: value, wanted: wanted)
  }
}

/// A size is a number, {"shortest_edge": n} or {"height": n, "width": n}.
private enum SizeJSON: Decodable {
  case number(Int)
  case sides(shortest: Int?, height: Int?, width: Int?)

  enum CodingKeys: String, CodingKey {
    case shortest = "shortest_edge"
    case height
    case width
  }

  init(from decoder: any Decoder) throws {
    if let number = try? decoder.singleValueContainer().decode(Int.self) {
      self = .number(number)
    } else {
      let sides = try decoder.container(keyedBy: CodingKeys.self)
      self = .sides(
        shortest: try sides.decodeIfPresent(Int.self, forKey: .shortest),
        height: try sides.decodeIfPresent(Int.self, forKey: .height),
        width: try sides.decodeIfPresent(Int.self, forKey: .width))
    }
  }

  /// The one number that matters: a shorter side, or that of a square. A crop is a square in either spelling.
  func side(key: String) throws(PreprocessorConfigurationError) -> (side: Int, fit: Preprocessing.Fit) {
    let found: (side: Int, fit: Preprocessing.Fit)? =
      switch self {
      case .number(let number): (number, .shortest)
      case .sides(let shortest?, nil, nil): (shortest, .shortest)
      case .sides(nil, let height?, let width?) where height == width: (height, .squash)
      case .sides: nil
      }
    guard let found, 1...16384 ~= found.side else {
      throw .unsupported(
        file: huggingFaceFile, key: key, value: "something else",
        wanted: "{\"shortest_edge\": n} or a square, 1 to 16384 pixels,")
    }
    return found
  }
}

extension ResizeFilter {
  /// Pillow's number of the filter.
  fileprivate var huggingFaceCode: Int {
    switch self {
    case .lanczos: 1
    case .bilinear: 2
    case .bicubic: 3
    }
  }
}

/// Means or deviations of red, green and blue, if they can be used.
func checkedColours(
  _ values: [Double], isDeviation: Bool, key: String, file: String
) throws(PreprocessorConfigurationError) -> [Double] {
  guard values.count == 3, values.allSatisfy({ $0.isFinite && (!isDeviation || $0 > 0) }) else {
    throw .unsupported(
      file: file, key: key, value: "\(values)", wanted: "three finite numbers, deviations above 0,")
  }
  return values
}

private func list(_ values: [Double]) -> String {
  "[\n    \(values.map { "\($0)" }.joined(separator: ",\n    "))\n  ]"
}
