import Downloads
import Files
import Foundation
import Reporting
import TestSupport
import Testing

/// Addresses that a server on the open network may not send us to.
@Suite struct InsideTests {
  @Test(arguments: [
    "127.0.0.1", "127.255.255.254", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1",
    "fd12:3456::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.1.2.3", "64:ff9b::a00:1", "2002:a00:1::",
  ])
  func inside(address: String) { #expect(isInside(address)) }

  @Test(arguments: [
    "1.1.1.1", "8.8.8.8", "172.15.255.255", "172.32.0.1", "192.167.255.255", "100.63.255.255", "100.128.0.1",
    "126.255.255.255", "2001:4860:4860::8888", "::ffff:8.8.8.8", "64:ff9b::808:808", "example.org", "", "1.2.3",
  ])
  func outside(address: String) { #expect(!isInside(address)) }

  /// A server that was named directly may be inside, and may point to another one there.
  @Test func fromInsideToInside() throws {
    let fetching = try Fetching()
    let bytes = content(1000)
    let other = try LoopbackServer { .file(bytes, etag: "\"a\"", to: $0) }
    let server = try LoopbackServer { [url = other.url] _ in LoopbackAnswer(302, [("Location", url + "/x")]) }
    var limits = HTTPLimits()
    limits.allowsRedirectsInside = false
    try fetching.fetch(server.url + "/file", limits: limits)
    #expect(try readFile(fetching.target) == bytes)
  }
}
