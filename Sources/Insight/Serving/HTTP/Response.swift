/// What is answered.
package struct Response: Sendable {
  package let status: HTTPStatus
  let kind: String
  var fields: [HTTPField]
  package let body: [UInt8]

  /// - Parameter kind: the media type of the body.
  init(_ status: HTTPStatus, kind: String, body: [UInt8], fields: [HTTPField] = []) {
    (self.status, self.kind, self.body, self.fields) = (status, kind, body, fields)
  }

  static func html(_ text: String, _ status: HTTPStatus = .ok) -> Response {
    Response(status, kind: "text/html; charset=utf-8", body: Array(text.utf8))
  }

  static func json(_ document: String, _ status: HTTPStatus = .ok) -> Response {
    Response(status, kind: "application/json", body: Array(document.utf8))
  }

  /// Pages may do nothing but show themselves and send their forms back here; nobody keeps them, frames them, or is told where a
  /// reader comes from.
  private static let guards = """
    Content-Security-Policy: default-src 'none'; img-src data:; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'\r
    X-Content-Type-Options: nosniff\r
    Referrer-Policy: same-origin\r
    Cross-Origin-Resource-Policy: same-origin\r
    Cache-Control: no-store\r
    Vary: Accept, Cookie, Authorization\r

    """

  /// - Parameters:
  ///   - leavesBodyOut: as the answer to HEAD does, which says how long it would be.
  ///   - closes: whether nothing more is answered on this connection.
  func bytes(leavesBodyOut: Bool, closes: Bool) -> [UInt8] {
    var head = "HTTP/1.1 \(status.rawValue) \(status.phrase)\r\n"
    head += "Content-Type: \(kind)\r\nContent-Length: \(body.count)\r\n" + Self.guards
    for field in fields { head += "\(field.name): \(field.value)\r\n" }
    head += closes ? "Connection: close\r\n\r\n" : "Connection: keep-alive\r\n\r\n"
    return Array(head.utf8) + (leavesBodyOut ? [] : body)
  }
}
