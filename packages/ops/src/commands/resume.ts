import { type Command, type CommandValues, UsageError } from "@backend/sst-graph/command-line";

import { accountOf } from "../aws/account";
import { declaredBy } from "../declared";
import type { Environment } from "../environment";
import { functionNamed, report, reserve } from "../kill-switch";
import { TARGET_OPTIONS } from "../options";
import { runOps } from "../run";
import { describe, targetOf } from "../target";

const COMMAND = {
  name: "pnpm ops resume",
  about: "Lets what pnpm ops stop has stopped run again.",
  usage: ["[FUNCTION] --stage NAME | --offline [options]"],
  arguments: {},
  details: `FUNCTION is its name in sst.config.ts or in AWS. Without one, every function of the stage is resumed.
Sets the reserved concurrency that the deployment graph declares, or takes it away where it declares none.`,
  options: TARGET_OPTIONS,
  exitCodes: { 0: "resumed", 1: "a failure, which is named", 130: "interrupted" },
} as const satisfies Command;

type Values = CommandValues<typeof COMMAND>;

export function resume(argv: string[], environment: Environment): Promise<number> {
  return runOps(COMMAND, argv, environment, (values, names) => run(values, names, environment));
}

async function run(values: Values, [name, ...others]: string[], environment: Environment): Promise<number> {
  const { stderr, cwd, signal } = environment;
  if (others.length > 0) throw new UsageError("resume: expected one FUNCTION, or none for all");
  const target = targetOf(values, cwd);
  const declared = declaredBy(target.project, target.stage);
  const functions = name === undefined ? declared.functions : [functionNamed(declared, name)];
  stderr.write(`${describe(target)}\n`);
  const account = accountOf(target, signal);
  const changes = await reserve(account, functions, ({ reservedConcurrency }) => reservedConcurrency, signal);
  const next = "New requests run. To see one: pnpm ops smoke";
  return report(changes, { json: values.json, stage: target.stage, done: "resumed", next }, environment);
}
