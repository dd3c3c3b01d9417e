import type { Resource } from "../graph";
import type { Rule } from "./rule";
import { entriesOf, found, itemsOf, raw, targetOf, type View, written } from "./view";

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
    id: "layers-as-promised",
    severity: "critical",
    title: "A function runs its own bundle, and no layer that nobody promised",
    reason:
      "A layer is code with the function's rights; an extension in it runs before the function and sees every event.",
    fix: "Bundle what the function needs, or add the layer to layers in packages/graph/src/policy/promises.ts.",
    check: (view) =>
      view
        .all(FUNCTION)
        .flatMap((lambda) =>
          itemsOf(raw(lambda, "layers")).flatMap((layer, at) =>
            isPromised(view, written(layer)) ? [] : [found(lambda, `layers.${at}`, "nobody promised this layer")],
          ),
        ),
  },
  {
    id: "function-url-as-promised",
    severity: "medium",
    title: "A function has an address of its own only where that is promised",
    reason: "A function URL goes around the API: its authorizer, its throttle, its access log and the edge.",
    fix: "Add a route, or add the function to functionUrls in packages/graph/src/policy/promises.ts.",
    check: (view) =>
      view.all("aws:lambda/functionUrl:FunctionUrl").flatMap((url) => {
        if (view.promises === undefined) return []; // permission-not-public tells whether anyone may call it
        const lambda = targetOf(view, raw(url, "functionName"))?.resource;
        const name = lambda && nameWithoutStage(view, lambda);
        return name !== undefined && view.promises.functionUrls.includes(name)
          ? []
          : [found(url, "functionName", "nobody promised that the function has an address of its own")];
      }),
  },
];

function isPromised(view: View, layer: string | undefined): boolean {
  return layer !== undefined && view.promises?.layers.includes(layer) === true;
}

/** `RecordEvents` of a function that is called `RecordEvents-<stage>`. */
export function nameWithoutStage(view: View, lambda: Resource): string {
  const name = String(raw(lambda, "name"));
  const suffix = `-${view.graph.stage}`;
  return name.endsWith(suffix) ? name.slice(0, -suffix.length) : name;
}
