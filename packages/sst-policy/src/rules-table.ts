import { WAIVER_RULE } from "./judge";
import type { Rule } from "./rule";
import { RULE_GROUPS, RULES } from "./rules";

/** The rules as docs/policy-rules.md lists them; `pnpm policy --rules` prints it. */
export function rulesTable(): string {
  const groups = { ...RULE_GROUPS, Waivers: [WAIVER_RULE] };
  const tables = Object.entries(groups).map(
    ([name, rules]) =>
      `## ${name}\n\n| rule | asks for | because | to do | also known as |\n| --- | --- | --- | --- | --- |\n${rules.map(row).join("")}`,
  );
  const head = "Written by `packages/sst-policy/src/cli.test.ts`; what it is about stands in [policy.md](policy.md).";
  return `# Rules\n\n${head}\n\n${RULES.length} rules, and one on waivers.\n\n${tables.join("\n")}`;
}

function row({ id, severity, title, reason, fix, mapping = [] }: Rule): string {
  const cells = [`\`${id}\` (${severity})`, title, reason, fix, mapping.join(", ")];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |\n`;
}
