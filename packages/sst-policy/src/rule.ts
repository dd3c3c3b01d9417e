import type { Finding } from "./finding";
import type { View } from "./view";

export type { Finding };

export const SEVERITIES = ["critical", "high", "medium", "low"] as const;
export type Severity = (typeof SEVERITIES)[number];

/** A requirement that every deployment must meet. */
export interface Rule {
  /** In kebab case. It never changes, because waivers and SARIF refer to it. */
  id: string;
  severity: Severity;
  title: string;
  /** What goes wrong if a deployment breaks the rule. */
  reason: string;
  /** What to change. */
  fix: string;
  /**
   * Ids of Security Hub controls (`APIGateway.8`), cdk-nag rules (`AwsSolutions-APIG4`) and checkov
   * checks (`CKV_AWS_309`).
   */
  mapping?: string[];
  /** Unknown values cannot make the rule's findings wrong. */
  certain?: true;
  /**
   * The rule checks declared inputs only. A policy pack skips it, because it also sees the
   * provider's defaults.
   */
  declaredOnly?: true;
  check: (view: View) => Finding[];
}
