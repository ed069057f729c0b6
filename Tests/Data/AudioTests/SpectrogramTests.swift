import Audio
import TestSupport
import Testing

@Suite struct SpectrogramTests {
  private static func rows(_ settings: SpectrogramSettings, of wave: String) throws -> BandRows {
    Spectrogram(settings)(try GoldenFile("sounds.safetensors").floats(wave))
  }

  private static func check(_ settings: SpectrogramSettings, of wave: String = "bands.wave", equals name: String) throws
  {
    let expected = try GoldenFile("sounds.safetensors").array(name)
    let rows = try rows(settings, of: wave)
    #expect([rows.frames, rows.bands] == expected.shape)
    #expect(difference(rows.values, expected.values, relative: 0, floor: 5e-4) == nil)
  }

  @Test func bandsAreThoseOfAST() throws { try Self.check(.ast, equals: "bands.ast") }

  @Test func fewerBandsAreThoseOfAST() throws {
    var settings = SpectrogramSettings.ast
    settings.bands = 32
    try Self.check(settings, equals: "bands.ast32")
  }

  @Test func bandsOfKaldisWindowAreThoseOfTorchaudio() throws {
    var settings = SpectrogramSettings.ast
    (settings.bands, settings.shape) = (23, .povey)
    try Self.check(settings, equals: "bands.kaldi")
  }

  @Test func bandsAreThoseOfCLAP() throws { try Self.check(.clap, of: "bands.wide", equals: "bands.clap") }

  @Test func bandsAreThoseOfCLAPsOtherForm() throws {
    var settings = SpectrogramSettings.clap
    (settings.scale, settings.hasEqualAreas) = (.htk, false)
    try Self.check(settings, of: "bands.wide", equals: "bands.fusion")
  }
}
