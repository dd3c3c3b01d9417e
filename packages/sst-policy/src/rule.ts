import type { Finding } from "./finding";
import type { View } from "./view";

export type { Finding };

export const SEVERITIES = ["critical", "high", "medium", "low"] as const;
export type Severity = (typeof SEVERITIES)[number];

/** One thing that a deployment must or must not have. */
export interface Rule {
  /** Kebab-case; waivers and SARIF name it, so it never changes. */
  id: string;
  severity: Severity;
  title: string;
  /** What goes wrong without it. */
  reason: string;
  /** What to change. */
  fix: string;
  /**
   * Ids of Security Hub controls (`APIGateway.8`), cdk-nag rules (`AwsSolutions-APIG4`) and checkov
   * checks (`CKV_AWS_309`).
   */
  mapping?: string[];
  /** What it finds, it finds whatever the values are that cannot be told. */
  certain?: true;
  /** It judges what is declared: the deployment engine shows the provider's defaults as well. */
  declaredOnly?: true;
  check: (view: View) => Finding[];
}
