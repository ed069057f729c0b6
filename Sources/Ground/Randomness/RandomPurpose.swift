/// What random numbers are drawn for: the first part of a stream's name, so that no two choices share their numbers. Runs, data
/// sets and goldens made before hang on these numbers: they stay, and new purposes go to the end.
public enum RandomPurpose: UInt64, CaseIterable, Sendable {
  /// First weights; then the parameter's name.
  case weights = 1
  /// The order of samples; then the epoch.
  case epochOrder
  /// Which of its captions a sample shows; then epoch and sample.
  case captionChoice
  /// Crops, flips and colours; then epoch and sample.
  case augmentation
  /// What a dropout drops; then step, layer and sample.
  case dropout
  /// Wrong partners for the matching loss; then step and pair.
  case hardNegatives
  /// The split of a photo, or of a group; then the hash of its bytes, or of its name.
  case splits
  /// Drawn pictures; then split and attempt.
  case scenes
  /// Wrong pairs of an evaluation; then the caption.
  case evaluationPairs
  /// What is said of drawn pictures; then split and attempt.
  case sceneCaptions
  /// The objective of a step, where one is drawn; then the step.
  case objectiveMix
  /// Masked words; then epoch, photo and caption.
  case maskedText
  /// Which photos stand in a resample; then its number.
  case intervals
  /// Which other photo a caption is shown in an evaluation.
  case otherPhotos
  /// What benchmarks compute with.
  case measuredInputs
  /// Which of its questions a sample asks; then epoch and sample.
  case questionChoice
  /// Which of its boxes a sample shows; then epoch and sample.
  case boxChoice
  /// Wrong images for the matching loss, at even odds; then epoch, photo and caption.
  case randomNegatives
  /// The photos that a model without features is to find captions of, where they are too many.
  case matchedGallery
  /// Hidden regions; then epoch, photo and caption.
  case maskedRegions
  /// What is taken away first beside the order of an explanation; then the draw.
  case deletionOrder
  /// Whether what a calibrated model states comes true; then the draw.
  case calibratedLabels
  /// Whose image or text each sample of an evaluation is shown in place of its own; then the draw.
  case derangements
  /// Which group a sample is drawn from next, and which of its samples; then the round, or group and turn.
  case drawnInTurn
  /// Which samples are looked at for what adds up of two modalities, where they are too many.
  case additiveSamples
  /// Which part of a calibration an image or group goes to.
  case calibrationParts
  /// Which word of a caption becomes another; then the caption.
  case foils
  /// The next token of a text that is written; then the text's name and its length.
  case writtenTokens
  /// Cuts, levels, noise and hidden bands of clips; then epoch and sample.
  case soundAugmentation
  /// What names a caption that is drawn to learn from its score; then epoch, photo, caption and the number of the draw.
  case sampledCaptions
  /// Which samples of a copy of a set lose a column; then the hashes of the column's name and of the sample's key.
  case droppedColumns
  /// Which samples a modality is hidden from, and whether any of a batch; then epoch, photo and modality, or the step.
  case hiddenModalities
  /// What is added to gradients; then the step and where it lies.
  case gradientNoise
  /// Whether a sample is mixed with another one, with which, and by which shares; then epoch and sample.
  case mixedSamples
  /// Which words of its texts a sample lacks; then epoch, sample and the text.
  case droppedWords
  /// Which cases of a split a page shows; then whether of those that are right.
  case shownCases
}
