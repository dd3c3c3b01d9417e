import { checkFunctionName, checkVariables } from "./lambda-limits";
import { stagePolicy } from "./stage";

/** The arguments in which one function differs from another. What all have in common stands here, once. */
type Args = Pick<sst.aws.FunctionArgs, "handler" | "permissions" | "timeout" | "memory" | "description"> & {
  environment?: Record<string, $util.Input<string>>;
  /** ARN of the queue that gets the events of asynchronous invocations which failed three times. */
  deadLetters?: $util.Input<string>;
};

/**
 * A Lambda function `<name>-<stage>` with a role of its own: the lab's AWSLambdaBasicExecutionRole and the permissions
 * given, trusted by Lambda alone, which can write to its own log group and to no other.
 */
export function secureFunction(name: string, { deadLetters, ...args }: Args): sst.aws.Function {
  const functionName = checkFunctionName(`${name}-${$app.stage}`);
  return new sst.aws.Function(name, {
    timeout: "10 seconds",
    memory: "512 MB",
    ...args,
    name: functionName,
    runtime: "nodejs24.x",
    architecture: "arm64",
    nodejs: { minify: true }, // not SST 4.17.1's default, whatever its documentation says
    logging: { format: "json", retention: stagePolicy($app.stage).functionLogRetention },
    environment: { ...args.environment }, // the component writes into the object that it is given
    transform: {
      role: (role) => {
        if (!$dev) role.assumeRolePolicy = trustLambda();
        role.inlinePolicies = $output(role.inlinePolicies).apply((policies) => [
          ...(policies ?? []),
          { name: "own-log-group-only", policy: denyForeignLogs(`/aws/lambda/${functionName}`) },
        ]);
      },
      function: (lambda) => {
        if (!$dev) lambda.environment = ownVariables(functionName, lambda.environment);
        if (deadLetters !== undefined) lambda.deadLetterConfig = { targetArn: deadLetters };
      },
    },
  });
}

// SST 4.17.1 trusts the account's root in every stage: it tests `!dev` on an Output, which is never
// falsy. Live debugging
// needs that principal, a deployed function does not.
function trustLambda() {
  return $jsonStringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: ["sts:AssumeRole"], Principal: { Service: ["lambda.amazonaws.com"] } }],
  });
}

/**
 * AWSLambdaBasicExecutionRole allows log writes everywhere. A function that is taken over could
 * forge lines of the access
 * log, and a late write brings a removed log group back, without retention and in the way of the next deployment.
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

/** Leaves out the key of SST's encrypted link file: no function links resources. */
function ownVariables(functionName: string, environment: aws.lambda.FunctionArgs["environment"]) {
  return $output(environment).apply((resolved) => {
    const { SST_KEY, SST_KEY_FILE, ...variables } = resolved?.variables ?? {};
    return { variables: checkVariables(functionName, variables) };
  });
}
