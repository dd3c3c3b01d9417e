/** What an execution environment has to know of its function. */
export interface FunctionConfig {
  name: string;
  arn: string;
  exportName: string;
  /** Milliseconds. */
  timeoutMs: number;
  memorySizeMb: number;
  logFormat: "JSON" | "Text";
  logGroup: string;
  runtime: string;
  region: string;
  /** The declared variables alone: nothing of this process's own environment reaches a function. */
  variables: Record<string, string>;
  /** Where AWS is, and as whom the function calls it. */
  aws: Record<string, string>;
}

/**
 * The environment variables of a function: Lambda's own and the declared ones.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
 */
export function variablesOf(config: FunctionConfig, logStream: string): Record<string, string> {
  return {
    AWS_DEFAULT_REGION: config.region,
    AWS_EXECUTION_ENV: `AWS_Lambda_${config.runtime}`,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(config.memorySizeMb),
    AWS_LAMBDA_FUNCTION_NAME: config.name,
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    AWS_LAMBDA_LOG_FORMAT: config.logFormat,
    AWS_LAMBDA_LOG_GROUP_NAME: config.logGroup,
    AWS_LAMBDA_LOG_STREAM_NAME: logStream,
    AWS_REGION: config.region,
    LANG: "en_US.UTF-8",
    PATH: process.env.PATH ?? "",
    TZ: ":UTC",
    ...config.aws,
    ...config.variables,
  };
}
