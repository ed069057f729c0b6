import Layers

/// The sizes of a BLIP (Li et al., "BLIP: Bootstrapping Language-Image Pre-training for Unified Vision-Language Understanding and
/// Generation", ICML 2022): an image tower, and a BERT whose blocks look at what that sees. Read from and written as Hugging
/// Face's `config.json`; keys that a file leaves out have the library's defaults, but for the text's heads.
///
/// The image tower may be any other, and the words may have token types, as a BERT's do that a run begins from: both are
/// mmtrain's own.
public struct BLIPConfiguration: Sendable {
  /// What is put together of the two.
  public enum Form: String, Sendable, CaseIterable {
    /// A decoder looks at the image.
    case captioning = "BlipForConditionalGeneration"
    /// An encoder reads the question and looks at the image; a decoder looks at what that makes of it.
    case answering = "BlipForQuestionAnswering"
    /// An encoder reads texts alone, for features, or looks at the image, to say whether both belong together.
    case retrieval = "BlipForImageTextRetrieval"
  }

  public var form = Form.captioning
  public var vision: any PictureTowerDescription = BLIPVisionConfiguration()
  /// Of encoder and decoder alike.
  public var text = BLIPConfiguration.publishedText
  public var bounds = TextBounds(start: 30_522, stop: 102)
  /// D: of the features of images and texts.
  public var featureWidth = 256
  /// The logarithm of the inverse temperature at the start: ln(1 / 0.07).
  public var initialLogitScale: Float = 2.6592
  public var initialLogitBias: Float?
  /// Whether the temperature is among the weights.
  var hasLogitScale = true

  public init() {}

  private static var publishedText: BERTConfiguration {
    var text = BERTConfiguration()
    (text.vocabularySize, text.tokenTypes) = (30_524, 0)
    return text
  }

  /// The text as it is drawn. What a run adds to a BERT, which has token types, begins as that did.
  var drawnText: BERTConfiguration {
    var drawn = text
    if text.tokenTypes == 0 { drawn.initialDeviation = TransformerScales.deviation(width: text.width) }
    return drawn
  }

  /// W' of what the decoder looks at.
  var contextWidth: Int { form == .answering ? text.width : vision.width }

  static let visionPrefix = "vision_model"
  static let encoderPrefix = "text_encoder"
  static let decoderPrefix = "text_decoder"
}

extension BLIPConfiguration: Equatable {
  public static func == (a: BLIPConfiguration, b: BLIPConfiguration) -> Bool {
    a.form == b.form && a.vision.isEqual(to: b.vision) && a.text == b.text && a.bounds == b.bounds
      && a.featureWidth == b.featureWidth && a.initialLogitScale == b.initialLogitScale
      && a.initialLogitBias == b.initialLogitBias && a.hasLogitScale == b.hasLogitScale
  }
}
