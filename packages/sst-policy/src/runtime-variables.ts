import type { Rule } from "./rule";
import { entriesOf, found, itemsOf, raw } from "./view";

const FUNCTION = "aws:lambda/function:Function";

/**
 * Variables that the runtime, the SDK, the linker, TLS libraries or a proxy read before any line of the function runs:
 * https://nodejs.org/api/cli.html#environment-variables_1,
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-modify.html,
 * https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html#EVarSettings,
 * https://man7.org/linux/man-pages/man8/ld.so.8.html
 */
const RESERVED = [
  /^NODE_/,
  /^NPM_/i,
  /^AWS_/,
  /^_?(LAMBDA|HANDLER|X_AMZN)/,
  /^(LD|GLIBC|MALLOC|GCONV)_/,
  /^(SSL|OPENSSL|CURL)_/,
  /^(HTTP|HTTPS|ALL|NO|FTP)_PROXY$/i,
  /^PYTHON/,
  /^RUBY(OPT|LIB)$/,
  /^(_JAVA|JAVA_TOOL|JDK_JAVA)_OPTIONS$/,
  /^(DOTNET|CORECLR|COMPLUS)_/i,
  /^OTEL_/,
  /^(PATH|BASH_ENV|ENV|SHELLOPTS|IFS|TZ|LANG|LC_ALL|UV_THREADPOOL_SIZE)$/,
];
/** They make a runtime faster, and change nothing else. */
const HARMLESS = ["AWS_NODEJS_CONNECTION_REUSE_ENABLED", "NODE_ENV", "UV_THREADPOOL_SIZE"];

export const RUNTIME_RULES: Rule[] = [
  {
    id: "no-runtime-variable",
    severity: "high",
    title: "No variable of a function changes its runtime, SDK, linker or TLS",
    reason:
      "NODE_TLS_REJECT_UNAUTHORIZED switches certificates off; NODE_OPTIONS and AWS_LAMBDA_EXEC_WRAPPER run other code; AWS_ENDPOINT_URL sends credentials and data elsewhere.",
    fix: "Take the variable out; what the function itself needs has a name of its own.",
    check: (view) =>
      view.all(FUNCTION).flatMap((lambda) =>
        entriesOf(raw(lambda, "environment.variables"))
          .map(([name]) => name)
          .filter((name) => !HARMLESS.includes(name) && RESERVED.some((reserved) => reserved.test(name)))
          .map((name) => found(lambda, `environment.variables.${name}`, "is not the function's own to read")),
      ),
  },
  {
    id: "lambda-no-layer",
    severity: "critical",
    title: "A function runs its own bundle, and no layer",
    reason:
      "A layer is code with the function's rights; an extension in it runs before the function and sees every event.",
    fix: "Bundle what the function needs, or waive the finding with the reason.",
    check: (view) =>
      view
        .all(FUNCTION)
        .flatMap((lambda) =>
          itemsOf(raw(lambda, "layers")).map((_layer, at) => found(lambda, `layers.${at}`, "expected no layer")),
        ),
  },
  {
    id: "no-function-url",
    severity: "medium",
    title: "No function has an address of its own",
    reason: "A function URL goes around the API: its authorizer, its throttle, its access log and the edge.",
    fix: "Add a route, or waive the finding with the reason.",
    check: (view) =>
      view
        .all("aws:lambda/functionUrl:FunctionUrl")
        .map((url) => found(url, "functionName", "expected the function to be reached by routes only")),
  },
];
