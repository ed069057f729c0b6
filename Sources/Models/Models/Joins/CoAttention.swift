internal import Layers
internal import TensorEngine

/// Two streams of different widths that meet in some places (Lu et al., "ViLBERT", 2019, §3.1, and the configuration that its
/// authors published): connection k stands in front of layer `textLayers[k]` of the text and of layer `imageLayers[k]` of the
/// image. What stands in front of the first one sees its own stream alone.
struct CoAttentionConfiguration: Equatable {
  var text: TransformerConfiguration
  var image: TransformerConfiguration
  /// Of queries, keys and values of the connections, which both streams are brought to.
  var width: Int
  var heads: Int
  var textLayers: [Int]
  var imageLayers: [Int]

  /// Layers of each stream that see it alone.
  var textAlone: Int { textLayers.first ?? text.layers }
  var imageAlone: Int { imageLayers.first ?? image.layers }

  /// What makes these sizes unusable; nil where streams can be made of them.
  var flaw: String? {
    if let flaw = text.flaw { return "the text stream: " + flaw }
    if let flaw = image.flaw { return "the image stream: " + flaw }
    if let flaw = outside(width, 1...65_536, "a width of connections") { return flaw }
    guard heads > 0, width % heads == 0 else {
      return "\(heads) heads do not divide connections of a width of \(width)"
    }
    guard textLayers.count == imageLayers.count else {
      return "\(textLayers.count) connections of the text and \(imageLayers.count) of the image"
    }
    for (places, layers) in [(textLayers, text.layers), (imageLayers, image.layers)] {
      guard zip(places, places.dropFirst()).allSatisfy({ $0 <= $1 }), places.allSatisfy({ 0...layers ~= $0 }) else {
        return "connections in front of the layers \(places), and there are \(layers)"
      }
    }
    return nil
  }
}

/// The streams' layers and the connections between them.
struct CoAttentionJoin {
  let configuration: CoAttentionConfiguration
  let textLayers: PostNormEncoder
  let imageLayers: PostNormEncoder
  let connections: [CoAttentionLayer]

  /// - Parameter builder: `layer.N` is the text's, `v_layer.N` the image's, `c_layer.N` a connection.
  init(_ configuration: CoAttentionConfiguration, _ builder: ParameterBuilder) {
    self.configuration = configuration
    textLayers = PostNormEncoder(builder, configuration.text)
    imageLayers = PostNormEncoder(builder, configuration.image)
    connections = configuration.textLayers.indices.map { CoAttentionLayer(configuration, builder["c_layer.\($0)"]) }
  }

  /// The layers that see their own stream alone.
  func alone(text x: Tensor, offsets: [Int], _ tape: Tape) -> Tensor {
    textLayers(x, blocks: 0..<configuration.textAlone, AttentionSegments(offsets: offsets, tokens: .text), tape)
  }

  func alone(image x: Tensor, offsets: [Int], _ tape: Tape) -> Tensor {
    imageLayers(x, blocks: 0..<configuration.imageAlone, AttentionSegments(offsets: offsets, tokens: .image), tape)
  }

  /// The connections, and the layers between and behind them: a segment a pair in both streams.
  func callAsFunction(_ images: Encoding, _ texts: Encoding, _ pairs: [ImageTextPair], _ tape: Tape) -> JointStates {
    let (text, image) = (texts.selecting(pairs.map(\.text), tape), images.selecting(pairs.map(\.image), tape))
    var (textStates, imageStates) = (text.states, image.states)
    let (textSegments, imageSegments) = (
      AttentionSegments(offsets: text.offsets, tokens: .text), AttentionSegments(offsets: image.offsets, tokens: .image)
    )
    var (textDone, imageDone) = (configuration.textAlone, configuration.imageAlone)
    func run(toText textEnd: Int, image imageEnd: Int) {
      textStates = textLayers(textStates, blocks: textDone..<textEnd, textSegments, tape)
      imageStates = imageLayers(imageStates, blocks: imageDone..<imageEnd, imageSegments, tape)
      (textDone, imageDone) = (textEnd, imageEnd)
    }
    for (index, connection) in connections.enumerated() {
      run(toText: configuration.textLayers[index], image: configuration.imageLayers[index])
      let met = tape.block([textStates, imageStates]) { inputs, tape in
        connection(text: inputs[0], text.offsets, image: inputs[1], image.offsets, tape)
      }
      (textStates, imageStates) = (met[0], met[1])
    }
    run(toText: configuration.text.layers, image: configuration.image.layers)
    return JointStates(
      images: Encoding(states: imageStates, offsets: image.offsets, pooledRows: image.pooledRows),
      texts: Encoding(states: textStates, offsets: text.offsets, pooledRows: text.pooledRows),
      imageOfPair: Array(pairs.indices), textOfPair: Array(pairs.indices))
  }
}
