import path from "node:path";

/** The settings of a function for its execution environments. */
export interface FunctionConfig {
  name: string;
  arn: string;
  /** Export of the bundle. `a.b` is the property `b` of the export `a`. */
  exportName: string;
  timeoutMs: number;
  memorySizeMb: number;
  /** Invocations that may run at once; undefined: no limit of the function's own. */
  reservedConcurrency?: number;
  logFormat: "JSON" | "Text";
  /** `applicationLogLevel` of the function's logging settings. */
  logLevel?: string;
  logGroup: string;
  /** `nodejs24.x`. */
  runtime: string;
  region: string;
  /** The declared variables. A function gets no other variables of this process. */
  variables: Record<string, string>;
  /** Variables with the AWS endpoint and the function's credentials. */
  aws: Record<string, string>;
}

/** Folder of Lambda's runtime, which does not exist offline. */
const RUNTIME_FOLDER = "/var/runtime";

const CREDENTIALS = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];

/**
 * Returns the environment variables of a function: the declared ones and Lambda's. Declared
 * variables cannot replace reserved ones.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
 */
export function variablesOf(
  config: FunctionConfig,
  { logStream, bundle }: { logStream: string; bundle: string },
): Record<string, string> {
  const nodeVersion = majorVersion(config.runtime);
  const taskRoot = path.dirname(bundle);
  return {
    LANG: "en_US.UTF-8",
    LD_LIBRARY_PATH: `/var/lang/lib:/lib64:/usr/lib64:${RUNTIME_FOLDER}:${RUNTIME_FOLDER}/lib:${taskRoot}:${taskRoot}/lib:/opt/lib`,
    NODE_PATH: `/opt/nodejs/node${nodeVersion}/node_modules:/opt/nodejs/node_modules:${RUNTIME_FOLDER}/node_modules`,
    PATH: process.env.PATH ?? "", // of this machine, so that child processes find programs
    TZ: ":UTC",
    AWS_XRAY_CONTEXT_MISSING: "LOG_ERROR",
    AWS_XRAY_DAEMON_ADDRESS: "127.0.0.1:2000",
    ...config.aws,
    ...config.variables,
    ...Object.fromEntries(Object.entries(config.aws).filter(([key]) => CREDENTIALS.includes(key))),
    _HANDLER: handlerOf(config, bundle),
    AWS_DEFAULT_REGION: config.region,
    AWS_EXECUTION_ENV: `AWS_Lambda_${config.runtime}`,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(config.memorySizeMb),
    AWS_LAMBDA_FUNCTION_NAME: config.name,
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    AWS_LAMBDA_LOG_FORMAT: config.logFormat,
    AWS_LAMBDA_LOG_GROUP_NAME: config.logGroup,
    ...(config.logLevel !== undefined && { AWS_LAMBDA_LOG_LEVEL: config.logLevel }),
    AWS_LAMBDA_LOG_STREAM_NAME: logStream,
    AWS_LAMBDA_RUNTIME_API: "127.0.0.1:9001",
    AWS_REGION: config.region,
    LAMBDA_RUNTIME_DIR: RUNTIME_FOLDER,
    LAMBDA_TASK_ROOT: taskRoot,
  };
}

/** Returns `<file without extension>.<export>`, such as `bundle.handler`, as SST sets it. */
function handlerOf({ exportName }: FunctionConfig, bundle: string): string {
  return `${path.basename(bundle, path.extname(bundle))}.${exportName}`;
}

/**
 * True for the runtimes before Node.js 24, which have callbacks and `context.done`.
 * https://aws.amazon.com/blogs/compute/node-js-24-runtime-now-available-in-aws-lambda/
 */
export function takesCallbacks(runtime: string): boolean {
  return majorVersion(runtime) < 24;
}

function majorVersion(runtime: string): number {
  return Number(/\d+/.exec(runtime)?.[0]);
}

/**
 * Returns the gap to report if a function declares a time zone other than UTC. All worker threads
 * share the time zone of the process, which is Lambda's default, UTC.
 */
export function timeZoneGap(variables: Record<string, string>): string | undefined {
  const zone = variables.TZ?.replace(/^:/, "");
  if (zone === undefined || ["", "UTC", "Etc/UTC", "Etc/UCT", "UCT", "GMT", "Etc/GMT", "Zulu"].includes(zone))
    return undefined;
  return `TZ=${variables.TZ}: local time is UTC`;
}
