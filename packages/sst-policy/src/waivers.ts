/** Accepts findings of a rule, for a reason and until a day. */
export interface Waiver {
  /** Id of the rule. */
  rule: string;
  /**
   * Names of resources, with `*` for any text, such as `*LogGroup`, or `stage` for findings without
   * a resource.
   */
  resource: string;
  /** Stages that the waiver applies to. Without it, the waiver applies to all stages. */
  stages?: string[];
  reason: string;
  /** First day on which the finding counts again, such as `2027-11-30`. */
  expires: string;
}
