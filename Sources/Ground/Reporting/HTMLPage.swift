/// What stands above a page that is one of several: ways to the others, and forms.
public struct HTMLFrame: Sendable {
  public let style: String
  /// Before `<main>`, with everything from outside escaped.
  public let top: String

  public init(style: String, top: String) { (self.style, self.top) = (style, top) }
}

/// A page that needs nothing beside it and is let have nothing: no scripts run in it, and no address is fetched but the pictures
/// in itself. It takes the reader's own light or dark.
public struct HTMLPage: Sendable {
  /// As it stands, not yet escaped.
  public let title: String
  /// Beside what all pages have.
  public let style: String
  /// What is within `<main>`, with everything from outside escaped.
  public let content: String
  /// Seconds until the reader's browser takes the page anew; nil for a page that stays as it is.
  public let refresh: Int?
  /// Nil for a page that stands alone.
  public let frame: HTMLFrame?

  public init(title: String, style: String, content: String, refresh: Int? = nil, frame: HTMLFrame? = nil) {
    (self.title, self.style, self.content, self.refresh, self.frame) = (title, style, content, refresh, frame)
  }

  public var text: String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
    \(refresh.map { "<meta http-equiv=\"refresh\" content=\"\($0)\">\n" } ?? "")<title>\(escaped(title))</title>
    <style>
    \(Self.style)
    \(style)\(frame.map { "\n" + $0.style } ?? "")
    </style>
    </head>
    <body>
    \(frame.map { $0.top + "\n" } ?? "")<main>
    \(content)
    </main>
    </body>
    </html>

    """
  }

  /// Words in `--quiet` have a contrast of 4.5 at least on either ground.
  private static let style = """
    :root { color-scheme: light dark; --edge: #8884; --quiet: #666; }
    @media (prefers-color-scheme: dark) { :root { --quiet: #a3a3a3; } }
    body { font: 16px/1.5 system-ui, sans-serif; margin: 0; background: Canvas; color: CanvasText; }
    main { margin: 0 auto; padding: 1.5rem 1rem 4rem; }
    """
}
