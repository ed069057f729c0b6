/// By its name.
extension Modality: Codable {}
