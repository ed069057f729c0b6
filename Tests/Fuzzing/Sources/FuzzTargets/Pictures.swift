internal import Images

/// Passes the gate of a picture of one format and decodes it, strictly and leniently.
func readPicture(_ bytes: UnsafeRawBufferPointer, as format: PictureFormat) throws {
  var limits = PictureLimits()
  limits.maximumPixels = 1 << 18  // a large picture takes time, and finds nothing that a small one does not
  guard try PictureFormat(of: bytes) == format else { return }
  // First what goes on after damage: of what libFuzzer makes of a PNG, hardly any has right checksums.
  if let damaged = try? decodeDamagedPicture(bytes, limits: limits) {
    try require(damaged.image.width > 0 && damaged.image.height > 0, "a damaged picture has pixels")
  }
  let header = try readPictureHeader(bytes, limits: limits)
  try require(header.width > 0 && header.height > 0, "a picture has pixels")
  for scale in [DecodingScale.full, .eighth] {
    let image = try decodePicture(bytes, limits: limits, atLeast: scale)
    try require(image.width > 0 && image.height > 0, "a decoded picture has pixels")
  }
}

/// Reads how pictures are to be brought to a model.
func readPreprocessing(_ bytes: UnsafeRawBufferPointer) throws {
  if (try? Preprocessing(openCLIPJSON: Array(bytes))) != nil { return }
  if let shaped = try ShapedPreprocessing(huggingFaceJSON: Array(bytes)) {
    let again = try ShapedPreprocessing(huggingFaceJSON: shaped.huggingFaceJSON())
    return try require(shaped.capacity > 0 && again?.divisor == shaped.divisor, "shapes survive being written")
  }
  let preprocessing = try Preprocessing(huggingFaceJSON: Array(bytes))
  try require(preprocessing.imageSize > 0, "a picture has pixels")
  let again = try Preprocessing(huggingFaceJSON: preprocessing.huggingFaceJSON())
  try require(again.imageSize == preprocessing.imageSize, "preprocessing survives being written")
}
