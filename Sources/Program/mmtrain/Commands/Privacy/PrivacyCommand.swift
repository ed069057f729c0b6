internal import ArgumentParser

/// `mmtrain privacy`: what learning from private data costs those whose data they are.
struct PrivacyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "privacy", abstract: "Say what a private run gives away, and what noise it takes.",
    discussion: """
      mmtrain privacy plan --units 60000 --batch 256 --epochs 15 --noise 1.1
      mmtrain privacy plan --data prepared/xray --unit group --batch 64 --steps 2000 --target-epsilon 1 3 8
      mmtrain privacy audit runs/a
      """,
    subcommands: [PrivacyPlanCommand.self, PrivacyAuditCommand.self])
}
