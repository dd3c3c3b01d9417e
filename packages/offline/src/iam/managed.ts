/**
 * The text of AWS-managed policies, as far as it has been recorded.
 * https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSLambdaBasicExecutionRole.html, version v1, read on 2026-11-23.
 */
const MANAGED: Record<string, object> = {
  "service-role/AWSLambdaBasicExecutionRole": {
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Action: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"], Resource: "*" },
    ],
  },
};

/** Throws an Error that names a policy which is not recorded. */
export function managedPolicy(arn: string): object {
  const [, name = ""] = /^arn:aws[\w-]*:iam::aws:policy\/(.+)$/.exec(arn) ?? [];
  const policy = Object.hasOwn(MANAGED, name) ? MANAGED[name] : undefined;
  if (policy === undefined) {
    throw new Error(
      `the text of the managed policy ${arn} is not recorded: add it to packages/offline/src/iam/managed.ts`,
    );
  }
  return policy;
}
