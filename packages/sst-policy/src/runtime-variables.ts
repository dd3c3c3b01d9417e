import type { Rule } from "./rule";
import { entriesOf, flag, inputOf, itemsOf } from "./view";

const FUNCTION = "aws:lambda/function:Function";

/**
 * Variables that the runtime, the SDK, the linker, TLS libraries or a proxy client read before the
 * function's code runs:
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
/** Variables that only make a runtime faster. */
const HARMLESS = ["AWS_NODEJS_CONNECTION_REUSE_ENABLED", "NODE_ENV", "UV_THREADPOOL_SIZE"];

export const RUNTIME_RULES: Rule[] = [
  {
    id: "no-runtime-variable",
    severity: "high",
    title: "No environment variable changes a function's runtime, SDK, linker or TLS",
    reason:
      "NODE_TLS_REJECT_UNAUTHORIZED turns certificate checks off. NODE_OPTIONS and AWS_LAMBDA_EXEC_WRAPPER " +
      "run other code. AWS_ENDPOINT_URL sends credentials and data elsewhere.",
    fix: "Remove the variable. If the function needs the value, use a name that only the function reads.",
    check: (view) =>
      view.all(FUNCTION).flatMap((lambda) =>
        entriesOf(inputOf(lambda, "environment.variables"))
          .map(([name]) => name)
          .filter((name) => !HARMLESS.includes(name) && RESERVED.some((reserved) => reserved.test(name)))
          .map((name) => flag(lambda, `environment.variables.${name}`, "the runtime reads this variable")),
      ),
  },
  {
    id: "lambda-no-layer",
    severity: "critical",
    title: "A function uses no layers",
    reason:
      "A layer's code has the function's permissions. An extension in a layer starts before the function " +
      "and sees every event.",
    fix: "Bundle what the function needs, or waive the finding with a reason.",
    check: (view) =>
      view
        .all(FUNCTION)
        .flatMap((lambda) =>
          itemsOf(inputOf(lambda, "layers")).map((_layer, at) => flag(lambda, `layers.${at}`, "expected no layer")),
        ),
  },
  {
    id: "no-function-url",
    severity: "medium",
    title: "No function has a function URL",
    reason: "A function URL bypasses the API's authorizer, throttling, access log and edge.",
    fix: "Add a route, or waive the finding with a reason.",
    check: (view) =>
      view
        .all("aws:lambda/functionUrl:FunctionUrl")
        .map((url) => flag(url, "functionName", "expected no function URL: callers use the routes")),
  },
];
