import Pretrained
import Testing

/// Results in the front matter of a card, as the hub reads them (huggingface_hub's `ModelCard.load` does, of what `evaluate --card` writes).
@Suite struct CardIndexTests {
  private let index = CardIndex(
    model: "a \"model\"", task: "image-to-text", dataSet: "flickr: 8k", split: "test",
    figures: [
      CardIndex.Figure(name: "written.bleu4", value: 0.145, interval: 0.122...0.166),
      CardIndex.Figure(name: "accuracy", value: 93.25, interval: nil),
    ])

  private let yaml = #"""
    model-index:
    - name: "a \"model\""
      results:
      - task:
          type: "image-to-text"
        dataset:
          type: "flickr: 8k"
          name: "flickr: 8k, test"
          split: "test"
        metrics:
        - type: "written.bleu4"
          name: "written.bleu4, 95 % interval 0.122 to 0.166"
          value: 0.145
        - type: "accuracy"
          name: "accuracy"
          value: 93.25

    """#

  @Test func resultsAreFrontMatter() {
    #expect(card("---\nlicense: mit\n---\n# A\n", with: index) == "---\nlicense: mit\n" + yaml + "---\n# A\n")
  }

  @Test func aCardWithoutFrontMatterGetsOne() {
    #expect(card("# A\n---\nb", with: index) == "---\n" + yaml + "---\n# A\n---\nb")
  }

  @Test func earlierResultsAreReplacedAndNothingElse() {
    let once = card("---\nmodel-index:\n- name: old\n  results: []\ntags: [a]\n---\n# A\n", with: index)
    #expect(once == "---\ntags: [a]\n" + yaml + "---\n# A\n")
    #expect(card(once, with: index) == once)
  }

  /// Who measures a model knows its card, and the card what the model does.
  @Test func theTaskIsTheCards() {
    var index = index
    index.task = nil
    #expect(card("---\npipeline_tag: image-to-text\n---\n", with: index).contains("type: \"image-to-text\""))
    #expect(card("", with: index).contains("type: \"other\""))
  }
}
