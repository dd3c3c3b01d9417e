import { rulesTable } from "@backend/sst-policy/rules-table";

import { PROMISES } from "../policy";
import { page } from "./markdown";

export function policyRulesPage(): string {
  return page(
    "Policy rules",
    "the rules in `packages/sst-policy/src` and this app's hints in `infra/tools`",
    "[Policy](../policy.md) explains how the rules judge a graph, and how to waive a finding.",
    rulesTable(PROMISES.hints).trimEnd(),
  );
}
