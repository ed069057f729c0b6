internal import CJPEG

// The one place that turns what the C shim returns into errors.

extension PictureError {
  init(_ failure: cjpeg_failure, width: Int, height: Int, limits: PictureLimits) {
    self =
      switch failure.code {
      case CJPEG_TRUNCATED.code: .truncated(.jpeg)
      case CJPEG_SCANS.code: .tooManyScans(limit: limits.scans(width: width, height: height))
      case CJPEG_UNSUPPORTED.code: .unsupported(.jpeg, failure.text)
      case CJPEG_MEMORY.code: .outOfMemory(width: width, height: height)
      default: .damaged(.jpeg, failure.text)
      }
  }
}

extension cjpeg_failure {
  /// The library's words.
  var text: String {
    withUnsafeBytes(of: message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}

extension JPEGHeader.ColourSpace {
  init?(_ code: Int32) {
    switch code {
    case CJPEG_GREY.code: self = .grey
    case CJPEG_RGB.code: self = .rgb
    case CJPEG_YCC.code: self = .yCbCr
    case CJPEG_CMYK.code: self = .cmyk
    case CJPEG_YCCK.code: self = .ycck
    default: return nil
    }
  }
}

extension BinaryInteger {
  /// A constant of a C header, in the type that its functions return.
  var code: Int32 { Int32(self) }
}
