/// What stands behind a server. Called from several threads at once.
package protocol RequestHandler: Sendable {
  /// Looks at a request before its body is read.
  /// - Returns: an answer where it needs none of that.
  /// - Throws: `Refusal`.
  func admit(_ head: RequestHead) throws(Refusal) -> Response?

  /// - Throws: `Refusal`.
  func answer(_ head: RequestHead, body: [UInt8]) throws(Refusal) -> Response

  /// - Parameter head: nil where it could not be read.
  func page(of refusal: Refusal, for head: RequestHead?) -> Response
}
