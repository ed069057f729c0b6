public import Layers

// BLIP in its forms, which can do different things: a model of each.

extension BLIPConfiguration {
  public func make(_ builder: ParameterBuilder) -> any Model {
    switch form {
    case .captioning: BLIPCaptioner(self, builder)
    case .answering: BLIPAnswerer(self, builder)
    case .retrieval: BLIPMatcher(self, builder)
    }
  }
}

extension TextDecoder {
  init(_ configuration: BLIPConfiguration, _ builder: ParameterBuilder) {
    let names = builder[BLIPConfiguration.decoderPrefix]
    self.init(
      configuration.drawnText, contextWidth: configuration.contextWidth, bounds: configuration.bounds,
      body: names["bert"],
      head: names["cls.predictions"])
  }
}
