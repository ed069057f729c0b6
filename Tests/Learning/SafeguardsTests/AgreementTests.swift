import Safeguards
import Testing

@Suite struct AgreementTests {
  @Test func oneRankAgreesWithItself() { #expect(Agreement([7]) == .all) }

  @Test(arguments: [
    ([1, 1, 1, 1], Agreement.all), ([1, 2], .none(others: [1])), ([1, 2, 1], .most(healthy: 0, others: [1])),
    ([2, 1, 1], .most(healthy: 1, others: [0])), ([1, 1, 2, 2], .none(others: [2, 3])),
    ([1, 2, 3], .none(others: [1, 2])), ([9, 5, 5, 5, 4], .most(healthy: 1, others: [0, 4])),
  ])
  func theMajorityIsRight(checksums: [UInt64], expected: Agreement) { #expect(Agreement(checksums) == expected) }

  @Test func aRankTwiceAsSlowIsNamed() {
    func times(_ own: Double, waiting: Double = 0) -> RankTimes {
      RankTimes(computing: own, data: 0, communication: waiting)
    }
    #expect(stragglers([times(1), times(1.1), times(3), times(0.9)]) == [2])
    #expect(stragglers([times(1, waiting: 9), times(1), times(1)]) == [], "waiting is not its own doing")
    #expect(stragglers([times(1), times(2.5)]) == [1])
    #expect(stragglers([times(0.001), times(0.01)]) == [], "a hundredth of a second is noise")
    #expect(stragglers([times(5)]) == [])
    #expect(stragglers([RankTimes(computing: 1, data: 4, communication: 0), times(1), times(1)]) == [0])
  }

  @Test(arguments: [
    ("kill@3:1", Fault(kind: .kill, step: 3, rank: 1)), ("nan@7:all", Fault(kind: .notANumber, step: 7, rank: nil)),
  ])
  func faultsAreRead(text: String, expected: Fault) throws {
    let fault = try Fault(text)
    #expect(fault == expected)
    #expect(fault.description == text)
  }

  @Test(arguments: [
    "", "kill", "kill@", "kill@3", "kill@0:1", "kill@-1:1", "kill@3:-1", "kill@3:x", "kil@3:1", "@3:1", "kill@3:1:2",
  ])
  func otherWordsAreNot(text: String) { #expect(throws: FaultError.self) { try Fault(text) } }
}
