import { isRecord } from "../kit/json";

/** A call whose operation is in its method and path. */
export interface RestCall {
  /** As `x-amz-target` would say it. */
  target: string;
  /**
   * The body with the names from the path, as JSON text. A body that is no JSON object stays as it
   * is.
   */
  inputOf(body: string): string;
}

/**
 * Operations of the REST protocol by method and path. The dates differ:
 * https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionConcurrency.html
 * https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConcurrency.html
 */
const OPERATIONS: { method: string; path: RegExp; target: string }[] = [
  { method: "PUT", path: /^\/2017-10-31\/functions\/([^/]+)\/concurrency$/, target: "Lambda.PutFunctionConcurrency" },
  { method: "GET", path: /^\/2019-09-30\/functions\/([^/]+)\/concurrency$/, target: "Lambda.GetFunctionConcurrency" },
  {
    method: "DELETE",
    path: /^\/2017-10-31\/functions\/([^/]+)\/concurrency$/,
    target: "Lambda.DeleteFunctionConcurrency",
  },
];

/** Returns the operation and its argument, or undefined for any other path. */
export function readRestCall(method: string | undefined, path: string): RestCall | undefined {
  for (const operation of OPERATIONS) {
    const [, name] = operation.path.exec(path) ?? [];
    if (operation.method !== method || name === undefined) continue;
    return { target: operation.target, inputOf: (body) => withName(body, name) };
  }
  return undefined;
}

function withName(body: string, name: string): string {
  try {
    const input: unknown = JSON.parse(body === "" ? "{}" : body);
    return isRecord(input) ? JSON.stringify({ ...input, FunctionName: decodeURIComponent(name) }) : body;
  } catch {
    return body; // refused where other calls are
  }
}
