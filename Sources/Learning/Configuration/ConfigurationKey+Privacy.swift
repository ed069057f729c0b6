internal import Privacy

extension ConfigurationKey {
  static let privacyKeys: [ConfigurationKey] = [
    .number(
      "privacy.clip", \.privacy.clip, NumberRange(0, 1_000_000, includesLower: false), or: "none",
      "The norm that each unit's gradient is clipped to before noise is added; none learns without a promise of privacy.",
      otherNames: ["max_grad_norm", "l2_norm_clip"]),
    .number(
      "privacy.noise", \.privacy.noise, NumberRange(0, 1_000_000, includesLower: false), or: "none",
      "The noise of a step, in multiples of privacy.clip; or give privacy.target_epsilon.",
      otherNames: ["noise_multiplier", "sigma"]),
    .number(
      "privacy.target_epsilon", \.privacy.targetEpsilon, NumberRange(0, 1_000_000, includesLower: false), or: "none",
      "The ε that the whole run keeps, by the least noise that does.", otherNames: ["epsilon"]),
    .number(
      "privacy.delta", \.privacy.delta, NumberRange(0, 1, includesLower: false, includesUpper: false), or: "auto",
      "The probability with which the promise may not hold; auto takes a power of ten, a tenth of 1 / units at most."),
    .choice(
      "privacy.unit", \.privacy.unit, "Whose presence in the data is hidden: a photo's, or a group's (a patient's)."),
    .choice("privacy.accountant", \.privacy.accountant, "How ε is counted where a noise is looked for."),
  ]
}
