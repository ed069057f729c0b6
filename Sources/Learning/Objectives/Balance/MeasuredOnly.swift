/// Nothing is balanced; each modality may be measured.
public struct MeasuredOnly: BalanceMethod {
  public static let method = BalanceSettings.Method.none
  public static let summary = "Nothing is changed; `balance.measure` says what each modality tells alone."
  public static let keys = ["balance.measure"]

  public init(_ settings: BalanceSettings) {}
}
