export interface Finding {
  /** URN of the resource, or `stage` for what belongs to none. */
  urn: string;
  /** Property, such as `inputs.loggingConfig.logFormat`. */
  path: string;
  message: string;
  /** It could not be told whether the rule holds: no pass either. */
  unknown?: true;
  /** What to change, where it is something else than what the rule usually asks for. */
  fix?: string;
}
