internal import Foundation
public import Reporting

/// What is wrong with a `preprocessor_config.json`.
public enum PreprocessorConfigurationError: ReportableError, Equatable {
  /// Not a JSON object.
  case notJSON
  case missing(key: String)
  /// A value of the wrong kind, or one that asks for steps that are not made here.
  case unsupported(key: String, value: String, wanted: String)

  public var description: String {
    switch self {
    case .notJSON:
      "preprocessor_config.json is not a JSON object; take the file from the model's page again"
    case .missing(let key):
      "preprocessor_config.json has no key \"\(key)\"; it must describe a CLIPImageProcessor"
    case .unsupported(let key, let value, let wanted):
      "preprocessor_config.json: \"\(key)\" is \(printable(value)), but only \(wanted) is understood"
    }
  }

  public var exitCode: ExitCode { .badData }
}

extension Preprocessing {
  /// As `preprocessor_config.json` of a Hugging Face CLIPImageProcessor, which `transformers` loads.
  public func huggingFaceJSON() -> [UInt8] {
    let size = "{\n    \"height\": \(imageSize),\n    \"width\": \(imageSize)\n  }"
    let members = [
      ("crop_size", size), ("do_center_crop", "true"), ("do_convert_rgb", "true"), ("do_normalize", "true"),
      ("do_rescale", "true"), ("do_resize", "true"), ("image_mean", list(mean)),
      ("image_processor_type", "\"CLIPImageProcessor\""), ("image_std", list(standardDeviation)),
      ("resample", String(filter.huggingFaceCode)), ("rescale_factor", "\(1.0 / 255)"),
      ("size", "{\n    \"shortest_edge\": \(imageSize)\n  }"),
    ]
    return Array("{\n\(members.map { "  \"\($0)\": \($1)" }.joined(separator: ",\n"))\n}\n".utf8)
  }

  /// Reads what `huggingFaceJSON()` and `transformers` write, and the older form with plain numbers for the sizes.
  ///
  /// - Throws: `PreprocessorConfigurationError` where the file asks for anything but: shorter side to S, centre crop S×S,
  ///   /255, normalise.
  public init(huggingFaceJSON bytes: [UInt8]) throws(PreprocessorConfigurationError) {
    guard let json = try? JSONDecoder().decode(ProcessorJSON.self, from: Data(bytes)) else { throw .notJSON }
    for (key, value) in [
      ("do_resize", json.doResize), ("do_center_crop", json.doCenterCrop), ("do_rescale", json.doRescale),
      ("do_normalize", json.doNormalize),
    ] where value == false {
      throw .unsupported(key: key, value: "false", wanted: "true")
    }
    let size = try json.size.required("size").side(key: "size")
    let crop = try (json.cropSize ?? .number(size)).side(key: "crop_size")
    guard crop == size else { throw .unsupported(key: "crop_size", value: "\(crop)", wanted: "\"size\", \(size),") }
    let factor = json.rescaleFactor ?? 1 / 255
    guard abs(factor * 255 - 1) < 1e-4 else {
      throw .unsupported(key: "rescale_factor", value: "\(factor)", wanted: "1/255")
    }
    let code = json.resample ?? ResizeFilter.bicubic.huggingFaceCode
    guard let filter = ResizeFilter.allCases.first(where: { $0.huggingFaceCode == code }) else {
      throw .unsupported(key: "resample", value: "\(code)", wanted: "2 (bilinear) or 3 (bicubic)")
    }
    self.init(
      imageSize: size, filter: filter,
      mean: try colours(json.imageMean, key: "image_mean", allowing: { $0.isFinite }),
      standardDeviation: try colours(json.imageStd, key: "image_std", allowing: { $0.isFinite && $0 > 0 }))
  }
}

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

  /// The one number that matters. `size` must be the shorter side, `crop_size` a square.
  func side(key: String) throws(PreprocessorConfigurationError) -> Int {
    let side: Int? =
      switch self {
      case .number(let number): number
      case .sides(let shortest?, nil, nil): shortest
      case .sides(nil, let height?, let width?) where key == "crop_size" && height == width: height
      case .sides: nil
      }
    guard let side, side >= 1, side <= 16384 else {
      throw .unsupported(
        key: key, value: "something else", wanted: "{\"shortest_edge\": n} or a square, 1 to 16384 pixels,")
    }
    return side
  }
}

extension Optional {
  fileprivate func required(_ key: String) throws(PreprocessorConfigurationError) -> Wrapped {
    guard let self else { throw .missing(key: key) }
    return self
  }
}

extension ResizeFilter {
  /// Pillow's number of the filter.
  fileprivate var huggingFaceCode: Int {
    switch self {
    case .bilinear: 2
    case .bicubic: 3
    }
  }
}

private func colours(
  _ values: [Double]?, key: String, allowing isSound: (Double) -> Bool
) throws(PreprocessorConfigurationError) -> [Double] {
  let values = try values.required(key)
  guard values.count == 3, values.allSatisfy(isSound) else {
    throw .unsupported(key: key, value: "\(values)", wanted: "three finite numbers, deviations above 0,")
  }
  return values
}

private func list(_ values: [Double]) -> String {
  "[\n    \(values.map { "\($0)" }.joined(separator: ",\n    "))\n  ]"
}
