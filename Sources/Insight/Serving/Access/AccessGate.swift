/// Who may ask: only somebody who has the token, at a name that this server has, and with forms of its own pages.
package struct AccessGate: Sendable {
  private let token: AccessToken
  /// The name under which this server listens, beside those that it always has.
  private let host: String
  private let cookie: String

  package init(_ token: AccessToken, at listener: Listener) {
    self.init(token, host: listener.host, port: listener.port)
  }

  /// - Parameter port: cookies know hosts and no ports, so that its name has it.
  package init(_ token: AccessToken, host: String, port: Int) {
    (self.token, self.host, cookie) = (token, host.lowercased(), "mmtrain-\(port)")
  }

  /// - Returns: where the token stands in the address, a way to the same address without it, and a cookie in its place.
  /// - Throws: `Refusal`.
  package func admit(_ head: RequestHead) throws(Refusal) -> Response? {
    try requireHost(head)
    let given = head.asked("token")
    guard isKnown(head) || given.map(token.equals) == true else {
      var refusal = Refusal(
        .unauthorized,
        given == nil
          ? "Open the address that mmtrain serve has printed: it holds the token, without which nothing is shown."
          : "This is not the token; open the address that mmtrain serve has printed.")
      refusal.fields = [HTTPField("WWW-Authenticate", "Bearer realm=\"mmtrain serve\"")]
      throw refusal
    }
    try requireOrigin(head)
    guard given.map(token.equals) == true, head.method == "GET" || head.method == "HEAD" else { return nil }
    return wayWithoutToken(head)
  }

  private func isKnown(_ head: RequestHead) -> Bool {
    let cookies = head.values("cookie").flatMap { $0.split(separator: ";").map { $0.drop { $0 == " " } } }
    let marked = cookies.filter { $0.hasPrefix(cookie + "=") }.map { String($0.dropFirst(cookie.count + 1)) }
    let bearer = head.values("authorization").filter { $0.lowercased().hasPrefix("bearer ") }.map {
      String($0.dropFirst(7))
    }
    return (marked + bearer).contains { token.equals($0) }
  }

  private func wayWithoutToken(_ head: RequestHead) -> Response {
    let path = "/" + head.path.map(addressed).joined(separator: "/")
    let rest = head.query.filter { $0.name != "token" }.map { addressed($0.name) + "=" + addressed($0.value) }
    return Response(
      .seeOther, kind: "text/plain; charset=utf-8", body: Array("The same address without the token.\n".utf8),
      fields: [
        HTTPField("Location", rest.isEmpty ? path : path + "?" + rest.joined(separator: "&")),
        HTTPField("Set-Cookie", "\(cookie)=\(token.text); HttpOnly; SameSite=Strict; Path=/"),
      ])
  }

  // MARK: Names

  /// Somebody else's name that leads to this machine is how pages from elsewhere read what is served here (DNS rebinding); an
  /// address is nobody's name.
  private func requireHost(_ head: RequestHead) throws(Refusal) {
    let hosts = head.values("host")
    guard hosts.count == 1 || (head.isOld && hosts.isEmpty) else {
      throw .badRequest("The request does not have one Host field.")
    }
    guard let name = hosts.first.map(hostName) else { return }
    guard name == host || name == "localhost" || isAddress(name) else {
      throw Refusal(
        .misdirectedRequest, "This server is not known by that name; open the address that mmtrain serve has printed.")
    }
  }

  /// A form is sent from a page of this server, or by a program, which says nothing of pages.
  private func requireOrigin(_ head: RequestHead) throws(Refusal) {
    guard head.method != "GET", head.method != "HEAD" else { return }
    let own = head.value("host").map { ["http://" + $0.lowercased(), "https://" + $0.lowercased()] } ?? []
    let isOwn = head.values("origin").allSatisfy { own.contains($0.lowercased()) }
    let site = head.value("sec-fetch-site").map { $0 == "same-origin" || $0 == "none" } ?? true
    guard isOwn, site else {
      throw Refusal(.forbidden, "This form is of another site's page; use the forms of this server's own pages.")
    }
  }
}

/// Of a `Host` field, without the port.
private func hostName(_ field: String) -> String {
  let text = field.lowercased()
  if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
    return String(text[text.index(after: text.startIndex)..<end])
  }
  return String(text.prefix { $0 != ":" })
}

/// Whether it is an address of IPv4 or IPv6 and no name.
private func isAddress(_ name: String) -> Bool {
  if name.contains(":") { return name.allSatisfy { $0.isHexDigit || $0 == ":" || $0 == "." } }
  let numbers = name.split(separator: ".", omittingEmptySubsequences: false)
  return numbers.count == 4 && numbers.allSatisfy { $0.utf8.allSatisfy { 48...57 ~= $0 } && (Int($0) ?? 256) < 256 }
}
