import Models
import Testing

/// What somebody may ask of texts, before a model is known.
@Suite struct WritingRequestTests {
  private func request(_ change: (inout WritingRequest) -> Void) -> WritingRequest {
    var made = WritingRequest()
    change(&made)
    return made
  }

  @Test func whatNobodyAsksStays() {
    var usual = DecodingSettings(.beams(3), maximumLength: 20)
    (usual.lengthReward, usual.blockedRepetition) = (0.5, 3)
    #expect(!WritingRequest().isAsked && WritingRequest().settings(usual) == usual)
    let greedy = request { ($0.beams, $0.minimumLength) = (1, 4) }.settings(usual)
    #expect(greedy.search == .greedy && greedy.minimumLength == 4 && greedy.blockedRepetition == 3)
    let drawn = request { ($0.nucleus, $0.seed) = (0.9, 7) }
    #expect(drawn.settings(usual).search == .nucleus(mass: 0.9, temperature: 1, seed: 7) && drawn.flaw == nil)
    let all = request {
      ($0.beams, $0.lengthReward, $0.blockedRepetition, $0.repetitionPenalty) = (5, 2, 0, 1.2)
      ($0.minimumLength, $0.maximumLength) = (5, 30)
    }
    #expect(all.flaw == nil && all.settings(usual).search == .beams(5) && all.settings(usual).maximumLength == 30)
    #expect(all.settings(usual).lengthReward == 2 && all.settings(usual).blockedRepetition == 0)
  }

  @Test func whatMakesNoSenseIsTold() {
    let flaws: [(String, (inout WritingRequest) -> Void)] = [
      ("0 beams; 1 to 64", { $0.beams = 0 }), ("65 beams", { $0.beams = 65 }),
      ("ask for one of the two", { ($0.beams, $0.nucleus) = (3, 0.9) }),
      ("name the nucleus", { $0.temperature = 2 }), ("name the nucleus", { $0.seed = 1 }),
      ("a nucleus of probability 0", { $0.nucleus = 0 }), ("probability 1.1", { $0.nucleus = 1.1 }),
      ("a temperature of 0", { ($0.nucleus, $0.temperature) = (0.9, 0) }),
      ("2 beams or more", { ($0.beams, $0.lengthReward) = (1, 2) }),
      ("2 beams or more", { ($0.nucleus, $0.lengthReward) = (0.9, 0) }),
      ("at least 9 tokens and at most 8", { ($0.minimumLength, $0.maximumLength) = (9, 8) }),
      ("at least -1 tokens", { $0.minimumLength = -1 }), ("repetitions of -2", { $0.blockedRepetition = -2 }),
      ("penalty of 0", { $0.repetitionPenalty = 0 }), ("at most 1;", { $0.maximumLength = 1 }),
    ]
    for (words, change) in flaws { #expect(request(change).flaw?.contains(words) == true, "\(words)") }
  }
}
