import Configuration
import Testing

@Suite struct WrittenSettingsTests {
  /// All keys that a configuration writes come back, with their origins.
  @Test func whatIsWrittenIsRead() throws {
    let configuration = try RunConfiguration(
      file: nil,
      settings: ["optimizer.learning_rate=0.01", "task.inputs=[image, text]", "task.name=classification"].map {
        ConfigurationSetting($0)
      })
    let settings = writtenSettings(configuration.yaml(withOrigins: true))
    #expect(settings.count == configuration.yaml().split(separator: "\n").filter { !$0.hasSuffix(":") }.count)
    #expect(settings.contains { $0 == ("optimizer.learning_rate", "0.01", "--set") })
    #expect(settings.contains { $0 == ("schedule.epochs", "5", "built-in") })
    #expect(settings.contains { $0.key == "task.inputs" && $0.value.contains("text") && $0.origin == "--set" })
  }

  @Test func whatIsOddIsLeftOut() {
    let settings = writtenSettings(
      "a:\n  b: \"x # y\"  # file:1:2\n      deep: 1\n# c: 3  # the model's own\nnothing\n")
    #expect(settings.map { "\($0.key)=\($0.value)|\($0.origin)" } == ["a.b=\"x # y\"|file:1:2", "c=3|the model's own"])
  }
}
