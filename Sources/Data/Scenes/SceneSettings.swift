public import Reporting

/// What the built-in data set is made of.
public struct SceneSettings: Sendable {
  public var seed: UInt64
  /// Scenes a split.
  public var train: Int
  public var validation: Int
  public var test: Int
  /// Width and height of the pictures in pixels.
  public var imageSize: Int
  /// Of the JPEG files, 1–100.
  public var quality: Int

  public init(
    seed: UInt64 = 0, train: Int = 8_192, validation: Int = 512, test: Int = 512, imageSize: Int = 96,
    quality: Int = 90
  ) {
    self.seed = seed
    self.train = train
    self.validation = validation
    self.test = test
    self.imageSize = imageSize
    self.quality = quality
  }

  /// The most scenes for which captions that fit one scene only are still found quickly.
  static let maximumEvaluationScenes = 2_048

  func check() throws(SceneError) {
    guard (0...1_000_000).contains(train) else { throw .setting("train", "0 to 1,000,000 scenes, not \(train)") }
    for (name, count) in [("validation", validation), ("test", test)] {
      guard (0...Self.maximumEvaluationScenes).contains(count) else {
        throw .setting(name, "0 to \(Self.maximumEvaluationScenes) scenes, not \(count)")
      }
    }
    guard (32...1_024).contains(imageSize) else { throw .setting("imageSize", "32 to 1,024 pixels, not \(imageSize)") }
    guard (1...100).contains(quality) else { throw .setting("quality", "1 to 100, not \(quality)") }
  }
}

/// What can go wrong while scenes are made.
public enum SceneError: ReportableError {
  case setting(_ name: String, _ reason: String)

  public var description: String {
    switch self {
    case .setting(let name, let reason): "scenes: \(name) must be \(reason)"
    }
  }

  public var exitCode: ExitCode { .configuration }
}
