import type { ServedHandler } from "../../packages/functions/src/serve";
import { stagePolicy } from "../stage";
import { checkFunctionName, checkVariables } from "./lambda-limits";
import { originSecrets } from "./origin-secret";

/** What a function may do, together with the environment variable that tells it where. */
export interface Grant {
  variable: string;
  value: $util.Input<string>;
  permissions: { actions: string[]; resources: $util.Input<$util.Input<string>[]> }[];
  /** The table that the permissions are for. */
  table?: { name: string; tableName: $util.Output<string> };
}

/** A Lambda function that `secureFunction` or `backgroundFunction` created. */
export interface LambdaFunction {
  /** Logical name. */
  name: string;
  lambda: sst.aws.Function;
  uses: Grant[];
}

/** A function that answers requests. `Served` has the permission of each operation by route key. */
export interface SecureFunction<Served> extends LambdaFunction {
  /** Exists in the type only. */
  readonly served?: Served;
}

interface Args extends Pick<sst.aws.FunctionArgs, "timeout" | "memory"> {
  /** `<file>.handler`, relative to the project. */
  handler: `${string}.handler`;
  description: string;
  uses?: Grant[];
  /** Variables that need no permission. */
  environment?: Record<string, $util.Input<string>>;
}

/**
 * Creates a function for operations, `<name>-<stage>`. Where the stage has an edge, it gets the
 * secrets that tell requests from the edge. `M` is the type of the module with its handler.
 */
export function secureFunction<M extends { handler: ServedHandler }>(
  name: string,
  { environment = {}, ...args }: Args,
): SecureFunction<M extends { handler: ServedHandler<infer Served> } ? Served : never> {
  const secrets = originSecrets();
  return createFunction(name, {
    ...args,
    environment: { ...environment, ...(secrets && { ORIGIN_SECRETS: secrets.accepted }) },
  });
}

/**
 * Creates a function that AWS services invoke asynchronously, `<name>-<stage>`.
 *
 * @param deadLetters ARN of the queue that gets the events of invocations which failed three times
 */
export function backgroundFunction(name: string, args: Args & { deadLetters?: $util.Input<string> }): LambdaFunction {
  return createFunction(name, args);
}

/**
 * The function has a role of its own: the lab's AWSLambdaBasicExecutionRole and the permissions of
 * `uses`, trusted by Lambda alone. It can write to its own log group and to no other.
 */
function createFunction(
  name: string,
  { deadLetters, uses = [], environment, ...args }: Args & { deadLetters?: $util.Input<string> },
): LambdaFunction {
  const functionName = checkFunctionName(`${name}-${$app.stage}`);
  const lambda = new sst.aws.Function(name, {
    timeout: "10 seconds",
    memory: "512 MB",
    ...args,
    name: functionName,
    runtime: "nodejs24.x",
    architecture: "arm64",
    nodejs: { minify: true }, // not SST 4.17.1's default, whatever its documentation says
    logging: { format: "json", retention: stagePolicy($app.stage).functionLogRetention },
    // A new object: the component writes into the one that it is given.
    environment: { ...environment, ...variablesOf(name, uses) },
    permissions: uses.flatMap(({ permissions }) => permissions),
    transform: {
      role: (role) => {
        if (!$dev) role.assumeRolePolicy = trustLambda();
        role.inlinePolicies = $output(role.inlinePolicies).apply((policies) => [
          ...(policies ?? []),
          { name: "own-log-group-only", policy: denyForeignLogs(`/aws/lambda/${functionName}`) },
        ]);
      },
      function: (lambda) => {
        lambda.environment = withoutLinkKey(functionName, lambda.environment);
        if (deadLetters !== undefined) lambda.deadLetterConfig = { targetArn: deadLetters };
      },
    },
  });
  return { name, lambda, uses };
}

function variablesOf(name: string, uses: Grant[]): Record<string, $util.Input<string>> {
  const variables = uses.map(({ variable, value }) => [variable, value] as const);
  const twice = variables.find(([variable], index) => variables.findIndex(([other]) => other === variable) < index);
  if (twice !== undefined) throw new Error(`function ${name}: two grants use the variable ${twice[0]}`);
  return Object.fromEntries(variables);
}

// SST 4.17.1 trusts the account's root in every stage: it tests `!dev` on an Output, which is never
// falsy. SST means that principal for `sst dev` only.
function trustLambda() {
  return $jsonStringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: ["sts:AssumeRole"], Principal: { Service: ["lambda.amazonaws.com"] } }],
  });
}

/**
 * AWSLambdaBasicExecutionRole allows log writes everywhere. A function that is taken over could
 * forge lines of the access log. A late write would also bring a deleted log group back, without
 * retention, and the next deployment would fail because the group exists.
 */
function denyForeignLogs(logGroup: string) {
  const { partition } = aws.getPartitionOutput();
  const { region } = aws.getRegionOutput();
  const { accountId } = aws.getCallerIdentityOutput();
  const arn = $interpolate`arn:${partition}:logs:${region}:${accountId}:log-group:${logGroup}`;
  return $jsonStringify({
    Version: "2012-10-17",
    Statement: [
      { Sid: "NoNewLogGroup", Effect: "Deny", Action: ["logs:CreateLogGroup"], Resource: ["*"] },
      {
        Sid: "NoForeignLogGroup",
        Effect: "Deny",
        Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
        NotResource: [arn, $interpolate`${arn}:*`],
      },
    ],
  });
}

/** Leaves out the key of SST's encrypted link file: functions link nothing. */
function withoutLinkKey(functionName: string, environment: aws.lambda.FunctionArgs["environment"]) {
  return $output(environment).apply((resolved) => {
    const { SST_KEY, SST_KEY_FILE, ...variables } = resolved?.variables ?? {};
    return { variables: checkVariables(functionName, variables) };
  });
}
