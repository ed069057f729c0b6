/// All that is asked and answered on one connection.
struct Conversation {
  let socket: ClientSocket
  /// Of the connection, among those that are counted.
  let number: Int
  let limits: ServerLimits
  let handler: any RequestHandler
  let counts: ServerCounts

  /// Returns when the connection may be closed.
  func run() {
    var reader = RequestReader(socket, limits)
    while next(&reader) {}
  }

  /// One request. False where nothing more is to be read.
  private func next(_ reader: inout RequestReader) -> Bool {
    var (head, closes) = (RequestHead?.none, true)
    let response: Response
    do {
      guard let asked = try nextHead(&reader) else { return false }
      head = asked
      (response, closes) = try answer(asked, &reader)
    } catch let refusal as Refusal {
      response = handler.page(of: refusal, for: head)
    } catch {
      return false
    }
    counts.note(response.status)
    let deadline = Deadline(seconds: limits.answerSeconds)
    let bytes = response.bytes(leavesBodyOut: head?.method == "HEAD", closes: closes)
    guard (try? socket.send(bytes, by: deadline)) != nil else { return false }
    if closes { socket.end(by: Deadline(seconds: min(2, limits.headSeconds)), atMost: 4 * limits.bodyBytes) }
    return !closes
  }

  private func nextHead(_ reader: inout RequestReader) throws -> RequestHead? {
    counts.note(number, waits: true)
    defer { counts.note(number, waits: false) }
    return try reader.head()
  }

  /// The answer, and whether the connection then ends: it does where a body was not read, since nobody knows where the next request
  /// begins.
  private func answer(_ head: RequestHead, _ reader: inout RequestReader) throws -> (Response, closes: Bool) {
    let isLast = head.isOld || head.value("connection")?.lowercased() == "close"
    let length: Int
    do {
      length = try reader.length(after: head)
    } catch {
      // Whether somebody may ask at all is said first.
      _ = try handler.admit(head)
      throw error
    }
    if let early = try handler.admit(head) { return (early, isLast || length > 0) }
    guard counts.begin(atMost: limits.requests) else {
      throw Refusal.busy("\(limits.requests) requests are being answered, as many as are at once", seconds: 1)
    }
    defer { counts.end() }
    let body = try reader.body(length, after: head)
    do throws(Refusal) {
      return (try handler.answer(head, body: body), isLast || counts.isEnding)
    } catch {
      return (handler.page(of: error, for: head), isLast || counts.isEnding)
    }
  }
}
