import { type Command, type CommandStreams, runCommand } from "@backend/sst-graph/command-line";
import { UsageError } from "@backend/sst-graph/usage-error";

import { parseFields, requireKey, TYPE_NAMES } from "./fields";
import { namesOf } from "./names";
import { planOf } from "./plan";
import type { Noun } from "./render";
import { write } from "./write";

const COMMAND = {
  name: "pnpm new",
  about: "Makes a noun: operations, permissions, table, function, documentation and tests.",
  usage: ["NOUN [options]"],
  details: `NOUN is a plural in lower case, such as orders or purchase-orders. Its operations create, list, get, replace
and delete; people need the group NOUN to change anything. Afterwards the deployment graphs, the OpenAPI
document and docs/reference/ are written. If anything fails, every file is as it was before.

Types of fields: ${TYPE_NAMES}. "note:string?" is optional.

Example: pnpm new orders --fields customer:string,total:number`,
  arguments: { title: "NOUN" },
  options: {
    fields: { type: "string", default: "name:string", value: "LIST", about: "fields (default: name:string)" },
    key: { type: "string", value: "FIELD", about: "field that names a thing (default: a new id for each)" },
    "no-tenant": { type: "boolean", default: false, about: "one collection for all, not one for each tenant" },
    singular: { type: "string", value: "NAME", about: "singular of NOUN, if it cannot be guessed" },
    "no-synth": { type: "boolean", default: false, about: "leaves what is generated as it is" },
  },
} as const satisfies Command;

export interface NewEnvironment extends CommandStreams {
  project: string;
  /**
   * Runs one of the repository's commands with its output on the terminal. Returns the exit code.
   */
  run: (...command: string[]) => number;
}

/** Returns the exit code: 0, 1 if a step failed, 2 for wrong usage. */
export function main(argv: string[], environment: NewEnvironment): Promise<number> {
  return runCommand(COMMAND, argv, environment, (values, positionals) => {
    const { project, stdout, run } = environment;
    const noun = nounOf(positionals, values);
    const plan = planOf(noun, project);
    const commands = values["no-synth"] ? [] : ["synth", "reference"];
    write(plan, project, () => {
      for (const command of commands)
        if (run(command) !== 0) throw new Error(`pnpm ${command} failed: see above. Every file is as it was before.`);
    });
    const list = (files: object) => Object.keys(files).map((file) => `  ${file}\n`);
    const [made, changed] = [list(plan.made), list(plan.changed)];
    stdout.write(`\n${made.length} files made:\n${made.join("")}${changed.length} files changed:\n${changed.join("")}`);
    stdout.write(`\nNext:\n\n${nextOf(noun, values["no-synth"])}`);
    return 0;
  });
}

function nextOf({ plural, perTenant }: Noun, hasGraphs: boolean): string {
  const tenant = perTenant ? " --group tenant:acme" : "";
  return `  ${hasGraphs ? "pnpm synth && pnpm reference && " : ""}pnpm check && pnpm test ${plural} packages/functions
  pnpm offline                                  # then, in another terminal:
  pnpm offline token --user ada --group ${plural}${tenant}
`;
}

function nounOf(
  [name, ...more]: string[],
  values: { fields: string; key?: string | undefined; "no-tenant": boolean; singular?: string | undefined },
): Noun {
  if (name === undefined || more.length > 0)
    throw new UsageError(`Expected one noun, such as orders: found ${more.length === 0 ? "none" : more.length + 1}`);
  const names = namesOf(name, values.singular);
  const fields = parseFields(values.fields);
  if (values.key !== undefined) requireKey(values.key, fields);
  return { ...names, fields, key: values.key, perTenant: !values["no-tenant"] };
}
