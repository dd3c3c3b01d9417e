import { WAIVER_RULE } from "./judge";
import type { Rule } from "./rule";
import { RULE_GROUPS, RULES } from "./rules";

const HEAD = `| rule | requires | reason | fix | also known as |
| --- | --- | --- | --- | --- |
`;

/**
 * Returns the rules as Markdown, with a table for each group. `pnpm policy --rules` prints it.
 *
 * @param hints of the project, by the id of the rule
 */
export function rulesTable(hints: Readonly<Record<string, string>> = {}): string {
  const groups = { ...RULE_GROUPS, Waivers: [WAIVER_RULE] };
  const tables = Object.entries(groups).map(
    ([name, rules]) => `## ${name}\n\n${HEAD}${rules.map((rule) => formatRow(rule, hints[rule.id])).join("")}`,
  );
  return `${RULES.length} rules, and one rule for waivers.\n\n${tables.join("\n")}`;
}

function formatRow({ id, severity, title, reason, fix, mapping = [] }: Rule, hint: string | undefined): string {
  const fixWithHint = hint === undefined ? fix : `${fix} ${hint}`;
  const cells = [`\`${id}\` (${severity})`, title, reason, fixWithHint, mapping.join(", ")];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |\n`;
}
