import { createContext, runInContext } from "node:vm";

import type { EdgeLock } from "./promises";

type Headers = Record<string, { value?: unknown; multiValue?: unknown } | undefined>;

const VIEWER = "192.0.2.1";
/** The test store returns this prefix and the key as the value. */
const STORED = "stored:";
const FORGED = "203.0.113.9";
/**
 * CloudFront allows such code only a millisecond:
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-function-restrictions.html
 */
const TIMEOUT_MS = 500;
/** Headers of callers that must reach the API unchanged. */
const UNTOUCHED = ["authorization", "content-type", "idempotency-key", "origin"];

const REQUESTS = [
  { method: "GET", uri: "/prod/events", headers: {} },
  { method: "POST", uri: "/prod/events", headers: { authorization: { value: "Bearer t" } } },
  {
    method: "GET",
    uri: "/prod/traffic",
    headers: {
      authorization: { value: "Bearer t" },
      "content-type": { value: "application/json" },
      origin: { value: "https://page.example" },
      "x-forwarded-for": { value: FORGED, multiValue: [{ value: FORGED }, { value: VIEWER }] },
    },
  },
];

/**
 * Runs a CloudFront viewer-request function on some requests with a forged address.
 *
 * @param lock names the header for the viewer's address, and the secret header that callers may try
 * to send
 * @returns what the function does wrong, or undefined if it passes on every request with the real
 * address
 */
export function findRequestFault(code: string, lock: EdgeLock): string | undefined {
  const result = requestFaults.get(code) ?? { fault: runRequests(code, lock) };
  requestFaults.set(code, result);
  return result.fault;
}

/**
 * True if a CloudFront viewer-response function sets the header to the value of the same name in
 * its key-value store.
 */
export function addsStoredHeader(code: string, header: string): boolean {
  const isAdded = storedHeaders.get(code) ?? runResponse(code, header);
  storedHeaders.set(code, isAdded);
  return isAdded;
}

// Rules check the same few functions many times.
const requestFaults = new Map<string, { fault: string | undefined }>();
const storedHeaders = new Map<string, boolean>();

function runResponse(code: string, header: string): boolean {
  const event = {
    version: "1.0",
    context: { eventType: "viewer-response", distributionDomainName: "d1.cloudfront.net", requestId: "x" },
    viewer: { ip: VIEWER },
    request: { method: "GET", uri: "/", querystring: {}, headers: {}, cookies: {} },
    response: { statusCode: 200, headers: {} },
  };
  const result = run(code, event);
  const { headers } = (typeof result === "object" && result !== null ? result : {}) as { headers?: Headers };
  return headers?.[header]?.value === `${STORED}${header}`;
}

function runRequests(code: string, { addressHeader: address, secretHeader }: EdgeLock): string | undefined {
  for (const { method, uri, headers } of REQUESTS) {
    const forged = { [address]: { value: FORGED }, [secretHeader]: { value: "guessed" } };
    const sent = { host: { value: "d1.cloudfront.net" }, ...forged, ...headers } as Headers;
    const event = {
      version: "1.0",
      context: { eventType: "viewer-request", distributionDomainName: "d1.cloudfront.net", requestId: "x" },
      viewer: { ip: VIEWER },
      request: { method, uri, querystring: {}, headers: structuredClone(sent), cookies: {} },
    };
    const result = run(code, event);
    if (typeof result === "string") return `the function fails: ${result}`;
    const passed = result as { method?: unknown; uri?: unknown; headers?: Headers; statusCode?: unknown };
    if (passed.statusCode !== undefined || passed.headers === undefined)
      return "the function returns a response instead of the request";
    if (passed.method !== method || passed.uri !== uri) return "the function changes the method or the path";
    const actual = passed.headers[address];
    if (actual?.value !== VIEWER || actual.multiValue !== undefined)
      return `expected ${address} to be the viewer's address, even if the caller sends the header`;
    const changed = UNTOUCHED.find((name) => JSON.stringify(passed.headers?.[name]) !== JSON.stringify(sent[name]));
    if (changed !== undefined) return `the function changes the header ${changed}`;
  }
  return undefined;
}

const STORE = `const cf = { kvs: () => ({ get: async (key) => "${STORED}" + key }) };`;

/**
 * Returns the result of `handler(event)`, or a text if it fails. Its promises are settled by then.
 */
function run(code: string, event: object): unknown {
  const outcome: { value?: unknown; error?: unknown } = {};
  const context = createContext({ input: JSON.stringify(event), outcome }, { microtaskMode: "afterEvaluate" });
  const script = `${code.replace(/^\s*import cf from "cloudfront";/m, STORE)}
    ;(async () => handler(JSON.parse(input)))().then(
      (value) => { outcome.value = JSON.stringify(value); },
      (error) => { outcome.error = String(error); },
    );`;
  try {
    runInContext(script, context, { timeout: TIMEOUT_MS });
  } catch (error) {
    return String(error);
  }
  if (typeof outcome.value !== "string") return String(outcome.error ?? "it returns nothing");
  return JSON.parse(outcome.value);
}
