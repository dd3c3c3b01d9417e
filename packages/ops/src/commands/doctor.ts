import { type Command, type CommandValues, UsageError } from "@backend/sst-graph/command-line";
import { oneLine } from "@backend/sst-graph/printable";
import { accountOf } from "../aws/account";
import { declaredBy } from "../declared";
import { ACCOUNT_CHECKS } from "../doctor/account-checks";
import { type CheckResult, checked } from "../doctor/check";
import { FIRST_DEPLOYMENT_CHECKS } from "../doctor/first-deployment-checks";
import { STAGE_CHECKS } from "../doctor/stage-checks";
import type { Environment } from "../environment";
import { TARGET_OPTIONS } from "../options";
import { runOps } from "../run";
import { describe, targetOf } from "../target";
import { type Paint, paintFor, progressOn } from "../terminal";
import { safeJson } from "../text";

const COMMAND = {
  name: "pnpm ops doctor",
  about: "Looks for what is wrong with a stage on AWS, or will be at its next deployment.",
  usage: ["--stage NAME [options]"],
  details: `Before the first deployment: credentials, session token, region, CloudFront, quotas, taken names, secrets.
After it: unconfirmed alarm recipients, stopped functions, limits of 0, tags, log groups left behind.
It only reads. A check that cannot run gives its reason and is no finding.`,
  options: {
    "cognito-domain": {
      type: "string",
      value: "PREFIX",
      about: "prefix of the user pool's domain, to see whether it is free",
    },
    ...TARGET_OPTIONS,
  },
  exitCodes: { 0: "no finding", 1: "a finding, or a failure", 130: "interrupted" },
} as const satisfies Command;

const CHECKS = [...ACCOUNT_CHECKS, ...FIRST_DEPLOYMENT_CHECKS, ...STAGE_CHECKS];

type Values = CommandValues<typeof COMMAND>;

export function doctor(argv: string[], environment: Environment): Promise<number> {
  return runOps(COMMAND, argv, environment, (values) => run(values, environment));
}

async function run(values: Values, environment: Environment): Promise<number> {
  const { stdout, stderr, env, cwd, signal } = environment;
  if (values.offline) throw new UsageError("doctor looks at an AWS account: expected --stage NAME without --offline");
  const target = targetOf(values, cwd);
  const declared = declaredBy(target.project, target.stage);
  const cognitoDomain = values["cognito-domain"];
  const context = {
    account: accountOf(target, signal),
    declared,
    env,
    ...(cognitoDomain !== undefined && { cognitoDomain }),
  };
  stderr.write(`${describe(target)}\n`);

  const paint = paintFor(stdout, env);
  const progress = progressOn(environment);
  const results: CheckResult[] = [];
  try {
    progress.say("Asking AWS");
    for await (const result of checked(CHECKS, context, signal)) {
      results.push(result);
      progress.end();
      if (!values.json) stdout.write(`${resultLine(result, paint)}\n`);
      progress.say("Asking AWS");
    }
  } finally {
    progress.end();
  }
  const findings = results.filter(({ verdict }) => verdict === "finding").length;
  const unchecked = results.filter(({ verdict }) => verdict === "unchecked").length;
  if (values.json) stdout.write(`${safeJson({ stage: target.stage, findings, unchecked, results }, 2)}\n`);
  else stdout.write(`\n${findings} findings, ${unchecked} not checked\n`);
  return findings > 0 ? 1 : 0;
}

function resultLine(result: CheckResult, paint: Paint): string {
  const { check, verdict, detail } = result;
  const label = { ok: paint.green("ok       "), finding: paint.red("finding  "), unchecked: paint.yellow("unchecked") }[
    verdict
  ];
  const fix =
    "fix" in result && result.fix !== undefined ? `\n${" ".repeat(INDENT)}${paint.dim(oneLine(result.fix))}` : "";
  return `${label} ${check.padEnd(22)} ${oneLine(detail)}${fix}`;
}

/** Where the details begin. */
const INDENT = 33;
