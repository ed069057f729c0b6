internal import Configuration
internal import Models

extension RunConfiguration {
  /// What a lock of a whole tower holds beside the tower itself, a sentence each: its projection is the last of its groups.
  func remarksOnLocks(of description: any ModelDescription) -> [String] {
    Modality.allCases.compactMap { modality in
      let (key, open) = (modality.towerKey, initialize.lock[modality])
      guard open == 0, let projection = description.towers[modality]?.projection, !projection.isEmpty else {
        return nil
      }
      return "initialize.lock.\(key): 0 locks the \(modality.rawValue) tower's projection too"
        + (firstWeights == nil ? ", which stays as it is drawn" : "") + "; 1 keeps that one trained"
    }
  }
}
