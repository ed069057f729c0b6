internal import CNodeMemory
internal import Glibc
internal import Reporting

/// The ranks of one node: they meet in shared memory, without MPI, whose waiting never sleeps and so takes the cores
/// that the other ranks compute on.
final class NodeTeam {
  let layout: RankLayout
  private let state: OpaquePointer
  private let spins: UInt32
  private let timeout: Int64
  private let onTimeout: () -> Void

  /// `onTimeout` is called now and then while a wait lasts.
  init(layout: RankLayout, host: any TeamHost, onTimeout: (() -> Void)?) throws {
    self.layout = layout
    let isFirst = layout.local == 0
    let bytes = isFirst ? mmt_team_bytes(Int32(layout.team.count)) : 0
    state = OpaquePointer(try host.allocate(byteCount: bytes, "team of the node")[0])
    // About 20 µs where every rank has a core, next to nothing where ranks take turns on it.
    spins = layout.team.count <= sysconf(Int32(_SC_NPROCESSORS_ONLN)) ? 2000 : 50
    timeout = onTimeout == nil ? 1_000_000_000 : 20_000_000
    self.onTimeout = onTimeout ?? {}
  }

  var isFirst: Bool { layout.local == 0 }
  private var rank: Int32 { Int32(layout.local) }
  private var ranks: Int32 { Int32(layout.team.count) }

  /// What this rank came for, in one number that the other nodes can compare.
  var signature: UInt64 { mmt_team_signature(state, rank) }

  /// Waits until all ranks of the node have come to `call`. What they wrote before is visible afterwards.
  func meet(_ call: Call) throws(CollectiveError) {
    var label = call.label
    let ticket = label.withUTF8 { text in
      text.withMemoryRebound(to: CChar.self) { text in
        mmt_team_arrive(
          state, rank, ranks, call.kind.rawValue, Int64(call.count), call.detail, text.baseAddress, text.count)
      }
    }
    var result = mmt_team_wait(state, ticket, spins, timeout)
    while result == Int32(MMT_TEAM_TIMEOUT) {
      onTimeout()
      result = mmt_team_wait(state, ticket, 0, timeout)
    }
    if result == Int32(MMT_TEAM_FAILED) {
      throw .peerFailed(rank: layout.rank, failed: firstFailed ?? layout.rank, label: call.label)
    }
    let stranger = mmt_team_stranger(state, rank, ranks)
    if stranger >= 0 {
      let other = layout.team[Int(stranger)]
      throw .ranksDisagree(
        rank: layout.rank, mine: call.description, other: other, theirs: describeCall(of: stranger))
    }
  }

  /// Releases all ranks of the node from their waits, with an error.
  func fail() {
    mmt_team_fail(state, rank)
  }

  /// The rank that failed first.
  var firstFailed: Int? {
    let failed = mmt_team_failed_rank(state)
    return failed < 0 ? nil : layout.team[Int(failed)]
  }

  /// Lets any thread ask who has not come to where this rank is, as long as the memory is there.
  var missingRanks: @Sendable () -> [Int] {
    let shared = TeamState(pointer: state)
    let (local, team) = (layout.local, layout.team)
    return {
      let mine = mmt_team_arrivals(shared.pointer, Int32(local))
      return team.indices.filter { mmt_team_arrivals(shared.pointer, Int32($0)) < mine }.map { team[$0] }
    }
  }

  private func describeCall(of other: Int32) -> String {
    var (kind, count) = (Int32(0), Int64(0))
    let label = withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(MMT_LABEL_BYTES)) { text in
      let length = mmt_team_call(state, other, rank, &kind, &count, text.baseAddress)
      return String(decoding: text.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
    return Call(Call.Kind(rawValue: kind) ?? .barrier, count: Int(count), label).description
  }
}

/// The place where the ranks meet, for another thread. Sendable: that thread reads atomic words only.
private struct TeamState: @unchecked Sendable {
  let pointer: OpaquePointer
}
