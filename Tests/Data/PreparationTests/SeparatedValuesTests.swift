import Preparation
import Testing

@Suite struct SeparatedValuesTests {
  private func rows(_ text: String) -> [(Int, [String]?)] {
    SeparatedValues(Array(text.utf8), separator: 0x2C).map { row in
      (row.line, (try? row.fields.get())?.map { String(decoding: $0, as: UTF8.self) })
    }
  }

  private func expect(_ text: String, _ wanted: [(Int, [String]?)], _ location: SourceLocation = #_sourceLocation) {
    let found = rows(text)
    #expect(found.map(\.0) == wanted.map(\.0), sourceLocation: location)
    #expect(found.map(\.1) == wanted.map(\.1), sourceLocation: location)
  }

  @Test func plainAndQuotedFields() {
    expect("a,b\nc,d", [(1, ["a", "b"]), (2, ["c", "d"])])
    expect("a,\r\n\r\n,\"\"\n", [(1, ["a", ""]), (3, ["", ""])])
    expect("\"x,y\",\"q\"\"q\",\"l1\nl2\"\r\nend", [(1, ["x,y", "q\"q", "l1\nl2"]), (3, ["end"])])
    expect("\u{FEFF}\"a\"", [(1, ["a"])])
    expect("in\"side,b", [(1, ["in\"side", "b"])])
    expect("", [])
  }

  @Test func oneStrayQuoteCostsOneRow() {
    expect("a,\"b\nc,d\ne,f\n", [(1, nil), (2, ["c", "d"]), (3, ["e", "f"])])
    expect("a,\"b\"c\nd,e\n", [(1, nil), (2, ["d", "e"])])
    expect("\"", [(1, nil)])
  }

  /// No input makes it hang or crash; every byte is passed once.
  @Test func anyBytesEnd() {
    var state: UInt64 = 7
    for _ in 0..<2000 {
      let bytes = (0..<40).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return [0x22, 0x2C, 0x0A, 0x0D, 0x61, 0xFF, 0x00, 0xEF][Int(state >> 61)] as UInt8
      }
      #expect(SeparatedValues(bytes, separator: 0x2C).reduce(0) { count, _ in count + 1 } <= 41)
    }
  }
}
