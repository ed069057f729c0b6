import Files
import Foundation
import Images
import Serving
import TestSupport
import Testing

/// Search and predictions, by addresses and by forms.
@Suite struct AskedModelTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func json(_ answer: String) throws -> [String: Any] {
    let body = try #require(answer.components(separatedBy: "\r\n\r\n").dropFirst().first)
    return try #require(try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any], "\(answer)")
  }

  private func hits(_ answer: String) throws -> [[String: Any]] {
    try #require((try json(answer)["results"] as? [[String: Any]])?.first?["hits"] as? [[String: Any]])
  }

  // MARK: Search

  @Test func photosAreFoundByTextAndByPhoto() throws {
    let site = try ServedSite(search: servedPhotos(in: directory))
    let form = try site.get("/search")
    #expect(status(form) == 200 && form.contains("6 photos in ") && form.contains("enctype=\"multipart/form-data\""))
    let page = try site.get("/search?text=a+dog+%26+%3Ccat%3E&top=3")
    #expect(page.components(separatedBy: "src=\"data:image/jpeg;base64,").count == 4)
    #expect(page.contains("<h1>“a dog &amp; &lt;cat&gt;”</h1>") && page.contains("value=\"a dog &amp; &lt;cat&gt;\""))
    #expect(try hits(site.get("/api/search?text=a+dog&top=3")).count == 3)
    // A photo of the collection is nearest to itself.
    let photo = try testPhoto(4)
    let found = try hits(site.post("/api/search", file: ("photo", "../me.jpg", photo), ["top": "2"]))
    #expect(found.count == 2 && found[0]["name"] as? String == "4.jpg")
    #expect((found[0]["similarity"] as? Double).map { abs($0 - 1) < 1e-4 } == true)
    let like = try site.post("/search", file: ("photo", "C:\\x\\<me>.jpg", photo))
    #expect(like.contains("<h1>Photos like &lt;me&gt;.jpg</h1>") && like.contains("alt=\"the photo asked with\""))
  }

  @Test func searchesThatAreNone() throws {
    let site = try ServedSite(search: servedPhotos(in: directory))
    #expect(try status(site.get("/search?text=")) == 422 && status(site.get("/api/search")) == 422)
    #expect(try status(site.get("/search?text=a&top=0")) == 422 && status(site.get("/search?text=a&top=1e9")) == 422)
    #expect(try status(site.post("/search", file: nil)) == 422)
    #expect(try status(site.post("/search", file: ("photo", "", []))) == 422)
  }

  // MARK: Photos that are none

  /// A header that promises 60,000 × 60,000 pixels over few bytes.
  private var bomb: [UInt8] {
    let header = bigEndian(60_000) + bigEndian(60_000) + [8, 2, 0, 0, 0] as [UInt8]
    return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + pngChunk("IHDR", header)
      + pngChunk("IDAT", [UInt8](repeating: 7, count: 5000)) + pngChunk("IEND", [])
  }

  @Test func hostilePhotos() throws {
    let site = try ServedSite(search: servedPhotos(in: directory))
    let jpeg = try testPhoto(1)
    for (bytes, code, words) in [
      (Array("no picture at all".utf8), 415, "not a JPEG, PNG or WebP but text"),
      (Array("<svg onload=x>".utf8), 415, "an SVG drawing"),
      (bomb, 422, "more than the 50000000 allowed"), (Array(jpeg.prefix(300)), 422, "JPEG"),
      ([0xFF, 0xD8, 0xFF] + [UInt8](repeating: 0, count: 100), 422, "JPEG"),
    ] {
      let answer = try site.post("/search", file: ("photo", "a.jpg", bytes))
      #expect(status(answer) == code && answer.contains(words), "\(answer.suffix(600))")
    }
    #expect(try status(site.post("/search", file: ("photo", "a.jpg", jpeg))) == 200)
  }

  @Test func formsThatAreNone() throws {
    let site = try ServedSite(search: servedPhotos(in: directory))
    for (kind, body, code) in [
      ("multipart/form-data", "x", 400), ("multipart/form-data; boundary=", "x", 400), ("text/plain", "x", 415),
      ("application/x-www-form-urlencoded", "text=a", 415), ("multipart/form-data; boundary=b", "--c\r\n", 400),
      ("multipart/form-data; boundary=b", "--b\r\n\r\n\r\n", 400), ("multipart/form-data; boundary=b", "--b", 400),
      ("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--", 400),
      (
        "multipart/form-data; boundary=b",
        String(repeating: "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n", count: 20) + "--b--", 400
      ),
      ("multipart/form-data; boundary=b", "--b--", 422),
    ] {
      let client = try TalkingClient(port: site.port)
      client.say(
        "POST /search HTTP/1.1\r\n\(site.fields)Connection: close\r\nContent-Type: \(kind)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
      )
      #expect(status(client.hearAll()) == code, "\(kind) \(body)")
    }
  }

  // MARK: Predictions

  @Test func questionsAreAnswered() throws {
    let site = try ServedSite(predictions: servedAnswers())
    #expect(try site.get("/predict").contains("name=\"photo\""))
    let photo = try readFile(goldenDirectory + "/predictions/wide.jpg")
    let told = try json(
      site.post(
        "/api/predict", file: ("photo", "wide.jpg", photo),
        ["text": "How many dogs are there?\r\n\r\nwhat?", "top": "2"]))
    let image = try #require((told["images"] as? [[String: Any]])?.first)
    let predictions = try #require(image["predictions"] as? [[String: Any]])
    #expect(image["name"] as? String == "wide.jpg" && predictions.count == 2)
    #expect(predictions[0]["question"] as? String == "How many dogs are there?")
    #expect((predictions[0]["answers"] as? [Any])?.count == 2)
    let page = try site.post("/predict", file: ("photo", "wide.jpg", photo), ["text": "How many dogs are there?"])
    #expect(page.contains("<h3>How many dogs are there?</h3>") && page.contains("class=\"bars\""))
    #expect(try status(site.post("/predict", file: nil)) == 422)
    let much = String(repeating: "what?\n", count: 33)
    #expect(try status(site.post("/predict", file: ("photo", "wide.jpg", photo), ["text": much])) == 422)
  }

  /// A model is asked by one at a time; of those who wait there is an end.
  @Test func theLineOfAModelHasAnEnd() throws {
    let model = try ModelThread(places: 1) { 7 }
    let (hasBegun, mayGoOn) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    Thread.detachNewThread {
      _ = try? model.ask { number in
        hasBegun.signal()
        mayGoOn.wait()
        return number
      }
    }
    hasBegun.wait()
    let refusal = #expect(throws: Refusal.self) { try model.ask { $0 } }
    #expect(refusal?.status == .serviceUnavailable && refusal?.message.contains("ask again in 2 s") == true)
    mayGoOn.signal()
    // A place is free a moment after the answer was given.
    var said: Int?
    let deadline = ContinuousClock.now + .seconds(20)
    while said == nil, ContinuousClock.now < deadline { said = try? model.ask { $0 } }
    #expect(said == 7)
    #expect(throws: CancellationError.self) { try ModelThread<Int>(places: 1) { throw CancellationError() } }
  }
}
