import { WAIVER_RULE } from "./judge";
import type { Rule } from "./rule";
import { RULE_GROUPS, RULES } from "./rules";

/**
 * Returns the rules as Markdown, with a table for each group: `pnpm policy --rules` prints it.
 *
 * @param hints of the project, by a rule's id
 */
export function rulesTable(hints: Readonly<Record<string, string>> = {}): string {
  const groups = { ...RULE_GROUPS, Waivers: [WAIVER_RULE] };
  const tables = Object.entries(groups).map(
    ([name, rules]) =>
      `## ${name}\n\n| rule | asks for | because | to do | also known as |\n| --- | --- | --- | --- | --- |\n${rules.map((rule) => row(rule, hints[rule.id])).join("")}`,
  );
  return `${RULES.length} rules, and one on waivers.\n\n${tables.join("\n")}`;
}

function row({ id, severity, title, reason, fix, mapping = [] }: Rule, hint: string | undefined): string {
  const todo = hint === undefined ? fix : `${fix} ${hint}`;
  const cells = [`\`${id}\` (${severity})`, title, reason, todo, mapping.join(", ")];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |\n`;
}
