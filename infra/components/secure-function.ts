import type { ServedHandler } from "../../packages/platform/src/lambda/serve";
import { stagePolicy } from "../stage";
import type { Grant } from "./grant";
import { checkFunctionName, checkReservedConcurrency, checkVariables } from "./lambda-limits";
import { originSecrets } from "./origin-secret";
import { physicalName } from "./physical-name";
import { metricNamespace } from "./prefix";
import { stageQuotas } from "./quotas";

/** A Lambda function that `secureFunction` or `backgroundFunction` created. */
export interface LambdaFunction {
  /** Logical name. */
  name: string;
  lambda: sst.aws.Function;
  timeoutSeconds: number;
  uses: Grant[];
}

/** A function that answers requests. `Served` has the permission of each operation by route key. */
export interface SecureFunction<Served> extends LambdaFunction {
  /** Exists in the type only. */
  readonly served?: Served;
  /** Anyone may call its operations. */
  isPublic: boolean;
}

interface Args extends Pick<sst.aws.FunctionArgs, "memory"> {
  /** `<file>.handler`, relative to the project. */
  handler: `${string}.handler`;
  description: string;
  uses?: Grant[];
  /** Variables that need no permission. */
  environment?: Record<string, $util.Input<string>>;
  /**
   * Invocations that may run at once. They are set aside for this function: others of the account
   * and region have as many fewer, and Lambda leaves them 100. Costs nothing.
   * https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
   */
  reservedConcurrency?: number;
}

interface SecureArgs extends Args {
  timeout?: `${number} seconds`;
  /** Set it for a function that serves public operations only: there is no caller to count. */
  isPublic?: boolean;
}

/**
 * Seconds that API Gateway waits:
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
 */
const MAX_ROUTE_TIMEOUT = 30;

/**
 * Creates a function for operations, `<name>-<stage>`. `M` is the type of the module with its
 * handler. Where the stage has an edge, the function gets the secrets that prove that a request
 * came through it; `none` says that the stage has no edge. Where it declares quotas, a function
 * with callers gets them with the permission to count.
 */
export function secureFunction<M extends { handler: ServedHandler }>(
  name: string,
  { environment = {}, timeout = "10 seconds", isPublic = false, ...args }: SecureArgs,
): SecureFunction<M extends { handler: ServedHandler<infer Served> } ? Served : never> {
  if (Number.parseFloat(timeout) > MAX_ROUTE_TIMEOUT)
    throw new Error(`function ${name}: API Gateway waits for ${MAX_ROUTE_TIMEOUT} seconds, and timeout is ${timeout}`);
  requireFreeNames(name, environment, args.uses);
  const ORIGIN_SECRETS = originSecrets()?.accepted ?? "none";
  const METRICS_NAMESPACE = metricNamespace($app.stage);
  const quotas = isPublic ? undefined : stageQuotas();
  const created = createFunction(name, {
    ...args,
    timeout,
    uses: [...(args.uses ?? []), ...(quotas === undefined ? [] : [quotas.grant])],
    environment: {
      ...environment,
      ...{ ORIGIN_SECRETS, METRICS_NAMESPACE },
      ...(quotas !== undefined && { QUOTAS: quotas.limits }),
    },
  });
  return { ...created, isPublic };
}

type Timeout = `${number} ${"second" | "seconds" | "minute" | "minutes"}`;

interface BackgroundArgs extends Args {
  timeout?: Timeout;
  /** Gets the events of invocations whose three attempts all failed. */
  deadLetters?: sst.aws.Queue;
}

/** Creates a function that AWS services invoke asynchronously, `<name>-<stage>`. */
export function backgroundFunction(name: string, args: BackgroundArgs): LambdaFunction {
  requireFreeNames(name, args.environment, args.uses);
  return createFunction(name, args);
}

/**
 * The function has a role of its own: the lab's AWSLambdaBasicExecutionRole and the permissions of
 * `uses`, trusted by Lambda alone. It can write to its own log group and to no other.
 */
function createFunction(
  name: string,
  { deadLetters, uses = [], environment, reservedConcurrency, timeout = "10 seconds", ...args }: BackgroundArgs,
): LambdaFunction {
  const functionName = checkFunctionName(physicalName(name));
  const lambda = new sst.aws.Function(name, {
    timeout,
    memory: "512 MB",
    ...args,
    name: functionName,
    ...(reservedConcurrency !== undefined && {
      concurrency: { reserved: checkReservedConcurrency(functionName, reservedConcurrency) },
    }),
    runtime: "nodejs24.x",
    architecture: "arm64",
    nodejs: { minify: true }, // not SST 4.17.1's default, whatever its documentation says
    logging: { format: "json", retention: stagePolicy($app.stage).functionLogRetention },
    // A new object: the component writes into the one that it is given.
    environment: { ...environment, ...Object.fromEntries(uses.map(({ variable, value }) => [variable, value])) },
    permissions: [
      ...uses.flatMap(({ permissions }) => permissions),
      ...(deadLetters === undefined ? [] : [{ actions: ["sqs:SendMessage"], resources: [deadLetters.arn] }]),
    ],
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
        if (deadLetters !== undefined) lambda.deadLetterConfig = { targetArn: deadLetters.arn };
      },
    },
  });
  return { name, lambda, timeoutSeconds: secondsOf(timeout), uses };
}

function secondsOf(timeout: Timeout): number {
  return Number.parseFloat(timeout) * (timeout.includes("minute") ? 60 : 1);
}

/**
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
 */
const RESERVED = /^(AWS_|LAMBDA_|SST_|_|ORIGIN_SECRETS$|METRICS_NAMESPACE$|QUOTAS(_TABLE)?$)/;

/**
 * Throws an Error for a variable that is set twice, or that Lambda, SST or `secureFunction` sets.
 */
function requireFreeNames(name: string, environment: object = {}, uses: Grant[] = []): void {
  const variables = [...Object.keys(environment), ...uses.map(({ variable }) => variable)];
  const twice = variables.find((variable, index) => variables.indexOf(variable) < index);
  if (twice !== undefined) throw new Error(`function ${name}: the variable ${twice} is set twice`);
  const reserved = variables.find((variable) => RESERVED.test(variable));
  if (reserved !== undefined) throw new Error(`function ${name}: the variable name ${reserved} is reserved`);
  const wide = uses.find(({ permissions }) =>
    permissions.some(({ actions }) => actions.some((one) => one.includes("*"))),
  );
  if (wide !== undefined) throw new Error(`function ${name}: name each action of ${wide.variable}, without *`);
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
