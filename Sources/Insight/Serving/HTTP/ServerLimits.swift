/// What those who ask may cost, checked before it is paid.
public struct ServerLimits: Sendable {
  /// Bytes of the request line, and of it with all header fields.
  public var lineBytes = 8 << 10
  public var headBytes = 16 << 10
  /// Header fields.
  public var fields = 100
  /// Bytes of a body: a photo with what a form puts around it.
  public var bodyBytes = 16 << 20
  /// Seconds that a connection may be silent between requests.
  public var idleSeconds = 15.0
  /// Seconds from the first byte of a request to the end of its head, for its body, and for its answer to be taken.
  public var headSeconds = 10.0
  public var bodySeconds = 60.0
  public var answerSeconds = 60.0
  /// Connections at once.
  public var connections = 256
  /// Requests that somebody with the token has made and that are read or answered at once.
  public var requests = 16
  /// Requests that wait while a model answers another.
  public var waiting = 8

  public init() {}
}
