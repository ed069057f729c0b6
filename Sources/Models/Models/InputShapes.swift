public import TensorEngine

/// What a model reads.
public enum Modality: String, CaseIterable, Sendable {
  case image, text, audio

  /// Its tokens, for whoever records what attention does with them.
  public var stream: TokenStream { TokenStream(rawValue) }
}

extension TokenStreams {
  /// The tokens of a text, of an image, and of a clip.
  public static let text = TokenStreams(Modality.text.stream)
  public static let image = TokenStreams(Modality.image.stream)
  public static let audio = TokenStreams(Modality.audio.stream)
}

/// The shapes of what a model reads.
public struct InputShapes: Sendable, Equatable {
  public var images: ImageShape
  public var text: TextShape
  /// The clips that are heard beside images; nil where a model hears none, or hears them in the place of images.
  public var clips: ClipShape?

  public init(images: ImageShape, text: TextShape, clips: ClipShape? = nil) {
    (self.images, self.text, self.clips) = (images, text, clips)
  }

  /// Of a model that reads pictures.
  /// - Parameter imageSize: S.
  public init(imageSize: Int, text: TextShape) { self.init(images: .pictures(side: imageSize), text: text) }
}

/// The images that a model reads, or what it reads in their place: a spectrogram is an image of a sound.
public enum ImageShape: Sendable, Equatable {
  /// S: [B, 3, S, S].
  case pictures(side: Int)
  case regions(RegionShape)
  case clips(ClipShape)
  /// Several pictures of one thing, in order.
  case frames(FrameShape)

  /// Of what these are images.
  public var modality: Modality {
    switch self {
    case .pictures, .regions, .frames: .image
    case .clips: .audio
    }
  }

  /// S; nil for a model that reads no pictures.
  public var side: Int? {
    switch self {
    case .pictures(let side): side
    case .frames(let shape): shape.side
    case .regions, .clips: nil
    }
  }

  /// The most pictures of an image; nil where it is one.
  public var frames: Int? {
    guard case .frames(let shape) = self else { return nil }
    return shape.limit
  }

  /// Numbers of an image at most.
  public var numbers: Int {
    switch self {
    case .pictures(let side): 3 * side * side
    case .regions(let shape): shape.limit * shape.width
    case .clips(let shape): shape.frames * shape.bands
    case .frames(let shape): shape.limit * 3 * shape.side * shape.side
    }
  }

  /// As people say it.
  public var words: String {
    switch self {
    case .pictures(let side): "\(side) pixels"
    case .regions(let shape): "at most \(shape.limit) regions of \(shape.width) numbers"
    case .clips(let shape): "at most \(shape.frames) frames of \(shape.bands) bands"
    case .frames(let shape): "at most \(shape.limit) frames of \(shape.side) pixels"
    }
  }
}

/// The regions that a model reads.
public struct RegionShape: Sendable, Equatable {
  /// F
  public var width: Int
  /// Most regions of an image.
  public var limit: Int
  /// C: classes, the background first, of which each region must have the probabilities; nil where nobody asks for them.
  public var classes: Int?

  public init(width: Int, limit: Int, classes: Int? = nil) {
    (self.width, self.limit, self.classes) = (width, limit, classes)
  }

  var flaw: String? {
    outside(width, 1...65_536, "a width of regions") ?? outside(limit, 1...4096, "a number of regions")
  }
}

extension Engine {
  /// Images for a measurement, or to try a model with: as large as the model reads them.
  /// - Parameter fill: writes the numbers of an image.
  public func images(
    _ count: Int, of shape: ImageShape, fill: (_ image: Int, UnsafeMutableBufferPointer<Float>) -> Void
  ) -> ImageInput {
    let dimensions: [Int] =
      switch shape {
      case .pictures(let side): [count, 3, side, side]
      case .regions(let shape): [count * shape.limit, shape.width]
      case .clips(let shape): [count * shape.frames, shape.bands]
      case .frames(let shape): [count * shape.limit, 3, shape.side, shape.side]
      }
    let numbers = tensor(dimensions)
    numbers.withMutableValues { values in
      for image in 0..<count {
        let own = image * shape.numbers..<(image + 1) * shape.numbers
        fill(image, UnsafeMutableBufferPointer(rebasing: values[own]))
      }
    }
    switch shape {
    case .pictures: return ImageInput(numbers)
    case .regions(let shape):
      // Regions of these lie side by side.
      let boxes = TokenGrid(rows: 1, columns: shape.limit, hasClassToken: false).boxes
      return ImageInput(
        PackedRegions(
          features: numbers, boxes: (0..<count).flatMap { _ in boxes }, offsets: (0...count).map { $0 * shape.limit }))
    case .clips(let shape):
      return ImageInput(.clips(PackedClips(rows: numbers, offsets: (0...count).map { $0 * shape.frames })))
    case .frames(let shape):
      return ImageInput(
        .frames(PackedFrames(Pictures(pixels: numbers), offsets: (0...count).map { $0 * shape.limit })))
    }
  }

  /// The same, all zeros.
  public func blankImages(_ count: Int, of shape: ImageShape) -> ImageInput {
    images(count, of: shape) { $1.update(repeating: 0) }
  }
}

/// The texts that a model reads.
public struct TextShape: Sendable, Equatable {
  /// Rows of the token embedding.
  public var vocabularySize: Int
  /// Most tokens of a text, start and end token included.
  public var contextLength: Int
  /// Texts are pooled where this first stands; see `largestTokenEnds`. Nil where no token's id decides.
  public var endToken: Int32?
  /// Kinds of tokens that it tells apart; a text's are all of the first.
  public var tokenTypes: Int

  public init(vocabularySize: Int, contextLength: Int, endToken: Int32?, tokenTypes: Int = 1) {
    (self.vocabularySize, self.contextLength, self.endToken) = (vocabularySize, contextLength, endToken)
    self.tokenTypes = tokenTypes
  }

  /// Of a model that reads none.
  public static let none = TextShape(vocabularySize: 0, contextLength: 0, endToken: nil)

  /// The `endToken` of models that are pooled where the largest id of a text first stands. Configurations from before 2023
  /// have this number by mistake, and transformers goes on reading it so (huggingface/transformers#24773).
  public static let largestTokenEnds: Int32 = 2
}
