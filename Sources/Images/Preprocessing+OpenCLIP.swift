internal import Foundation

extension Preprocessing {
  /// Reads an `open_clip_config.json`: its `preprocess_cfg`, and the size of `model_cfg`'s vision tower, which open_clip
  /// lets decide. A file without `preprocess_cfg` has OpenAI's colours, bicubic and the shorter side, as open_clip has it.
  ///
  /// - Throws: `PreprocessorConfigurationError`, also for `resize_mode: longest`, which pads.
  public init(openCLIPJSON bytes: [UInt8]) throws(PreprocessorConfigurationError) {
    guard let json = try? JSONDecoder().decode(OpenCLIPJSON.self, from: Data(bytes)) else { throw .notJSON(file: file) }
    let stated = json.preprocessing
    let usual = Preprocessing.clip()
    guard let fit = Fit(rawValue: stated?.resizeMode ?? "shortest") else {
      throw .unsupported(
        file: file, key: "resize_mode", value: stated?.resizeMode ?? "", wanted: "\"shortest\" or \"squash\"")
    }
    self.init(
      imageSize: try json.imageSize(), filter: try json.filter(), fit: fit,
      mean: try checkedColours(stated?.mean ?? usual.mean, isDeviation: false, key: "mean", file: file),
      standardDeviation: try checkedColours(
        stated?.std ?? usual.standardDeviation, isDeviation: true, key: "std", file: file))
  }

  /// The object `preprocess_cfg` of an `open_clip_config.json`. The size is not in it: open_clip takes the vision tower's.
  ///
  /// - Throws: `PreprocessorConfigurationError` for Lanczos, which open_clip does not know.
  public func openCLIPJSON() throws(PreprocessorConfigurationError) -> [UInt8] {
    guard filter != .lanczos else {
      throw .unsupported(file: file, key: "interpolation", value: "lanczos", wanted: "\"bilinear\" or \"bicubic\"")
    }
    return Array(
      #"{"mean":\#(mean),"std":\#(standardDeviation),"interpolation":"\#(filter)","resize_mode":"\#(fit)"}"#.utf8)
  }
}

private let file = "open_clip_config.json"

/// Members that are there; the rest describes the towers.
private struct OpenCLIPJSON: Decodable {
  struct Model: Decodable {
    struct Vision: Decodable {
      let imageSize: Sides?
      enum CodingKeys: String, CodingKey { case imageSize = "image_size" }
    }
    let vision: Vision?
    enum CodingKeys: String, CodingKey { case vision = "vision_cfg" }
  }
  struct Steps: Decodable {
    let size: Sides?
    let mode: String?
    let mean: [Double]?
    let std: [Double]?
    let interpolation: String?
    let resizeMode: String?
    enum CodingKeys: String, CodingKey {
      case size, mode, mean, std, interpolation
      case resizeMode = "resize_mode"
    }
  }
  /// A number, or one for each side.
  enum Sides: Decodable {
    case one(Int)
    case each([Int])
    init(from decoder: any Decoder) throws {
      let value = try decoder.singleValueContainer()
      self = if let number = try? value.decode(Int.self) { .one(number) } else { .each(try value.decode([Int].self)) }
    }
  }

  let model: Model?
  let preprocessing: Steps?
  enum CodingKeys: String, CodingKey {
    case model = "model_cfg"
    case preprocessing = "preprocess_cfg"
  }

  func imageSize() throws(PreprocessorConfigurationError) -> Int {
    let side: Int? =
      switch model?.vision?.imageSize ?? preprocessing?.size ?? .one(224) {
      case .one(let side): side
      case .each(let sides): Set(sides).count == 1 ? sides[0] : nil
      }
    guard let side, 1...16384 ~= side else {
      throw .unsupported(
        file: file, key: "image_size", value: "something else", wanted: "a square of 1 to 16384 pixels")
    }
    return side
  }

  func filter() throws(PreprocessorConfigurationError) -> ResizeFilter {
    if let mode = preprocessing?.mode, mode != "RGB" {
      throw .unsupported(file: file, key: "mode", value: mode, wanted: "\"RGB\"")
    }
    switch preprocessing?.interpolation ?? "bicubic" {
    case "bilinear": return .bilinear
    // "random" is for training; evaluation then takes bicubic.
    case "bicubic", "random": return .bicubic
    case let other:
      throw .unsupported(file: file, key: "interpolation", value: other, wanted: "\"bilinear\" or \"bicubic\"")
    }
  }
}
