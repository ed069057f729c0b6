internal import Images

/// Passes a JPEG's gate and decodes it, strictly and leniently.
func readJPEG(_ bytes: UnsafeRawBufferPointer) throws {
  var limits = JPEGLimits()
  limits.maximumPixels = 1 << 18  // a large picture takes time, and finds nothing that a small one does not
  let header = try readJPEGHeader(bytes, limits: limits)
  try require(header.width > 0 && header.height > 0, "a picture has pixels")
  _ = try? decodeDamagedJPEG(bytes, limits: limits)
  for scale in [DecodingScale.full, .eighth] {
    let image = try decodeJPEG(bytes, limits: limits, scale: scale)
    try require(image.width > 0 && image.height > 0, "a decoded picture has pixels")
  }
}

/// Reads how pictures are to be brought to a model.
func readPreprocessing(_ bytes: UnsafeRawBufferPointer) throws {
  if (try? Preprocessing(openCLIPJSON: Array(bytes))) != nil { return }
  let preprocessing = try Preprocessing(huggingFaceJSON: Array(bytes))
  try require(preprocessing.imageSize > 0, "a picture has pixels")
  let again = try Preprocessing(huggingFaceJSON: preprocessing.huggingFaceJSON())
  try require(again.imageSize == preprocessing.imageSize, "preprocessing survives being written")
}
