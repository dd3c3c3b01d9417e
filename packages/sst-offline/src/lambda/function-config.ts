import path from "node:path";

/** What an execution environment needs to know about its function. */
export interface FunctionConfig {
  name: string;
  arn: string;
  /** The export of the bundle; `a.b` is the property `b` of the export `a`. */
  exportName: string;
  /** Milliseconds. */
  timeoutMs: number;
  memorySizeMb: number;
  logFormat: "JSON" | "Text";
  /** `applicationLogLevel` of the function's logging settings. */
  logLevel?: string;
  logGroup: string;
  /** `nodejs24.x`. */
  runtime: string;
  region: string;
  /** Only the declared variables: nothing of this process's environment reaches a function. */
  variables: Record<string, string>;
  /** Where the function finds AWS, and its credentials. */
  aws: Record<string, string>;
}

/** Where Lambda has its runtime. Nothing is there offline. */
const RUNTIME_FOLDER = "/var/runtime";

const CREDENTIALS = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];

/**
 * Returns the environment variables of a function: Lambda's and the declared ones, which cannot
 * replace the reserved ones.
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
    PATH: process.env.PATH ?? "", // this machine's: child processes look for programs here
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

/** Returns `<file without extension>.<export>`, as SST configures a function that it has bundled: `bundle.handler`. */
function handlerOf({ exportName }: FunctionConfig, bundle: string): string {
  return `${path.basename(bundle, path.extname(bundle))}.${exportName}`;
}

/**
 * Returns true for a runtime with callbacks, `context.done` and the like: those before Node.js 24.
 * https://aws.amazon.com/blogs/compute/node-js-24-runtime-now-available-in-aws-lambda/
 */
export function takesCallbacks(runtime: string): boolean {
  return majorVersion(runtime) < 24;
}

function majorVersion(runtime: string): number {
  return Number(/\d+/.exec(runtime)?.[0]);
}

/**
 * Returns what is wrong with a function's time zone offline, if anything: a process has one time
 * zone, and worker threads share it. It is UTC, Lambda's default.
 */
export function timeZoneGap(variables: Record<string, string>): string | undefined {
  const zone = variables.TZ?.replace(/^:/, "");
  if (zone === undefined || ["", "UTC", "Etc/UTC", "Etc/UCT", "UCT", "GMT", "Etc/GMT", "Zulu"].includes(zone))
    return undefined;
  return `TZ=${variables.TZ}: local time is UTC`;
}
