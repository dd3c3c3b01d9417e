/** A finding that is accepted, for a reason and until a day. */
export interface Waiver {
  /** Id of the rule. */
  rule: string;
  /** Names of resources, with `*` for any text, such as `*LogGroup`; `stage` for what belongs to none. */
  resource: string;
  /** Stages that it holds for; all without. */
  stages?: string[];
  reason: string;
  /** The day from which the finding counts again, such as `2027-11-30`. */
  expires: string;
}
