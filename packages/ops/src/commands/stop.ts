import { type Command, type CommandValues, UsageError } from "@backend/sst-graph/command-line";
import { oneLine } from "@backend/sst-graph/printable";

import { accountOf } from "../aws/account";
import { declaredBy } from "../declared";
import type { Environment } from "../environment";
import { functionNamed, report, reserve } from "../kill-switch";
import { TARGET_OPTIONS } from "../options";
import { runOps } from "../run";
import { describe, targetOf } from "../target";

const COMMAND = {
  name: "pnpm ops stop",
  about: "Stops the API, or one function, at once: Lambda no longer runs it.",
  usage: ["[FUNCTION] --stage NAME | --offline [options]"],
  arguments: {},
  details: `FUNCTION is its name in sst.config.ts or AWS. Without one, all functions that a route leads to are stopped.
Sets the reserved concurrency to 0: running requests finish, later ones get 503. A deployment does not
undo it; pnpm ops resume does. Asks for the stage's name first, unless FUNCTION or --yes is given.`,
  options: {
    yes: {
      type: "string",
      value: "NAME",
      about: "stop the API of stage NAME, which must be the stage given, without a question",
    },
    ...TARGET_OPTIONS,
  },
  exitCodes: { 0: "stopped", 1: "not confirmed, or a failure, which is named", 130: "interrupted" },
} as const satisfies Command;

type Values = CommandValues<typeof COMMAND>;

export function stop(argv: string[], environment: Environment): Promise<number> {
  return runOps(COMMAND, argv, environment, (values, names) => run(values, names, environment));
}

async function run(values: Values, [name, ...others]: string[], environment: Environment): Promise<number> {
  const { stderr, cwd, signal } = environment;
  if (others.length > 0) throw new UsageError("stop: expected one FUNCTION, or none for the whole API");
  const target = targetOf(values, cwd);
  const { stage } = target;
  if (values.yes !== undefined && values.yes !== stage)
    throw new UsageError(`--yes ${oneLine(values.yes)}: expected the name of the stage to stop, --yes ${stage}`);
  const declared = declaredBy(target.project, stage);
  const functions =
    name === undefined ? declared.functions.filter(({ isServed }) => isServed) : [functionNamed(declared, name)];
  stderr.write(`${describe(target)}\n`);
  if (name === undefined && values.yes === undefined) {
    stderr.write(
      `This stops ${functions.length} functions: the whole API of stage ${stage}. Type its name to confirm: `,
    );
    if ((await firstLine(environment)) !== stage) {
      stderr.write("\nNothing was stopped.\n");
      return 1;
    }
  }
  const changes = await reserve(accountOf(target, signal), functions, () => 0, signal);
  const where = values.offline ? `--offline${stage === "dev" ? "" : ` --stage ${stage}`}` : `--stage ${stage}`;
  const next = `To let it run again: pnpm ops resume${name === undefined ? "" : ` ${name}`} ${where}`;
  return report(changes, { json: values.json, stage, done: "stopped", next }, environment);
}

async function firstLine({ stdin }: Environment): Promise<string> {
  let text = "";
  for await (const chunk of stdin) {
    text += new TextDecoder().decode(chunk);
    if (text.includes("\n")) break;
  }
  return (text.split("\n")[0] ?? "").trim();
}
