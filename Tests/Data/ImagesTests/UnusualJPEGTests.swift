import Foundation
import Images
import Testing

/// Sound files of kinds that are rare.
@Suite struct UnusualJPEGTests {
  /// The golden "baseline 4:2:0" with its coefficients in arithmetic coding (jpegtran -arithmetic, libjpeg-turbo 2.1.5):
  /// the pixels are the same.
  @Test func arithmeticCoding() throws {
    let coded = """
      /9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAUDBAQEAwUEBAQFBQUGBwwIBwcHBw8LCwkMEQ8SEhEPERETFhwXExQaFRERGCEYGh0d\
      Hx8fExciJCIeJBweHx7/2wBDAQUFBQcGBw4ICA4eFBEUHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4e\
      Hh4eHh4eHh7/yQARCAAtAD0DASIAAhEBAxEB/8wACgAQEAUBEBEF/9oADAMBAAIRAxEAPwD/ANwbNXEC/H4NNpWtT63VipDCIcNz\
      VoVDd4ab7RbUM4sMk84gsl3mv2XWWK7cItFDtqlWnzjfHKHAP4LrPHdqKi8QdQokDJ/6k22UtAHeYqcMJkSQ5ZbReviHt5HyqJfZ\
      4B2YPFReVfycsNxAaZ/m/Tvqwj/p0tysJrhgU2w299/31aNaqHA5Wd2GWNgpBCCj9mfM5Maqapb1/9k=
      """
    let bytes = Array(try #require(Data(base64Encoded: coded)))
    #expect(bytes[..<bytes.count].contains(0xC9), "the frame header of sequential arithmetic coding")
    #expect(try decodePicture(bytes) == decodePicture(Golden.load().jpeg("baseline 4:2:0")))
    for count in 0..<bytes.count { #expect(throws: PictureError.self) { try decodePicture(Array(bytes[..<count])) } }
  }

  /// Colour profiles are not applied, so a damaged one changes nothing.
  @Test func aDamagedColourProfileIsPassedOver() throws {
    let sound = try Golden.load().jpeg("baseline 4:4:4")
    let picture = try decodePicture(sound)
    let profiles: [[UInt8]] = [
      Array("ICC_PROFILE\0".utf8), Array("ICC_PROFILE\0".utf8) + [9, 2] + [UInt8](repeating: 0xFF, count: 300),
      Array("ICC_PROF".utf8), [],
    ]
    for profile in profiles {
      let length = profile.count + 2
      let segment = [0xFF, 0xE2, UInt8(length >> 8), UInt8(length & 255)] + profile
      #expect(try decodePicture(sound[..<2] + segment + sound[2...]) == picture)
    }
  }

  @Test func onePixelAndGrey() throws {
    let one = try decodePicture(Golden.load().jpeg("one pixel"))
    #expect(one.width == 1 && one.height == 1 && one.pixels.count == 3)
    let grey = try decodePicture(Golden.load().jpeg("grey"))
    #expect((0..<grey.width * grey.height).allSatisfy { grey.pixels[$0 * 3] == grey.pixels[$0 * 3 + 2] })
  }
}
