package import Images

/// What other programs made of small inputs; Tests/Golden/verify.py makes `VerificationGoldens.embedded`.
public struct VerificationGoldens: Sendable {
  /// A `tokenizer.json`, in base64.
  package var tokenizer: String
  /// Texts and what the Python library `tokenizers` makes of them.
  package var ids: [(text: String, ids: [Int32])]
  /// 16×12 pixels that Pillow makes of the picture, in base64.
  package var resized: [(filter: ResizeFilter, pixels: String)]
  /// A photo of 33×21 pixels, in base64.
  package var jpeg: String
  /// Its pixels as Pillow decodes it, in base64.
  package var decoded: String
  /// Of each result of the transformer block, by PyTorch in float64: four sums with signs, and the norm.
  package var block: [(name: String, sums: [Double], norm: Double)]
}
