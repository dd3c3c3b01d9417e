export interface Finding {
  /** URN of the resource, or `stage` for a finding without a resource. */
  urn: string;
  /** Property, such as `inputs.loggingConfig.logFormat`. */
  path: string;
  message: string;
  /**
   * The rule could not be checked because a value is not known yet. This does not count as a pass.
   */
  unknown?: true;
  /** What to change, if it differs from the rule's `fix`. */
  fix?: string;
}
