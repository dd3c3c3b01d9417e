import { createContext, runInContext } from "node:vm";

import type { EdgeLock } from "./promises";

type Headers = Record<string, { value?: unknown; multiValue?: unknown } | undefined>;

const VIEWER = "192.0.2.1";
/** What stands before a key in the value that the store has for it. */
const STORED = "stored:";
const FORGED = "203.0.113.9";
/** Enough for code that CloudFront gives a millisecond: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-function-restrictions.html */
const TIMEOUT_MS = 500;
/** Headers that callers send, and that the API gets as they are. */
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
 * Runs a viewer-request function of CloudFront on some requests, each with a forged address.
 *
 * @param lock names the header that has to hold the viewer's address, and the one that callers may try to send
 * @returns what it does wrong; undefined if it passes every request on, with the true address
 */
export function requestFault(code: string, lock: EdgeLock): string | undefined {
  const known = requestFaults.get(code) ?? { fault: findRequestFault(code, lock) };
  requestFaults.set(code, known);
  return known.fault;
}

/**
 * True if a viewer-response function of CloudFront sets a header to what its key-value store has
 * under the same name.
 */
export function addsStoredHeader(code: string, header: string): boolean {
  const known = storedHeaders.get(code) ?? findStoredHeader(code, header);
  storedHeaders.set(code, known);
  return known;
}

// Rules ask for the same few functions many times.
const requestFaults = new Map<string, { fault: string | undefined }>();
const storedHeaders = new Map<string, boolean>();

function findStoredHeader(code: string, header: string): boolean {
  const event = {
    version: "1.0",
    context: { eventType: "viewer-response", distributionDomainName: "d1.cloudfront.net", requestId: "x" },
    viewer: { ip: VIEWER },
    request: { method: "GET", uri: "/", querystring: {}, headers: {}, cookies: {} },
    response: { statusCode: 200, headers: {} },
  };
  const answer = run(code, event);
  const { headers } = (typeof answer === "object" && answer !== null ? answer : {}) as { headers?: Headers };
  return headers?.[header]?.value === `${STORED}${header}`;
}

function findRequestFault(code: string, { addressHeader: address, secretHeader }: EdgeLock): string | undefined {
  for (const { method, uri, headers } of REQUESTS) {
    const forged = { [address]: { value: FORGED }, [secretHeader]: { value: "guessed" } };
    const sent = { host: { value: "d1.cloudfront.net" }, ...forged, ...headers } as Headers;
    const event = {
      version: "1.0",
      context: { eventType: "viewer-request", distributionDomainName: "d1.cloudfront.net", requestId: "x" },
      viewer: { ip: VIEWER },
      request: { method, uri, querystring: {}, headers: structuredClone(sent), cookies: {} },
    };
    const answer = run(code, event);
    if (typeof answer === "string") return `the function fails: ${answer}`;
    const passed = answer as { method?: unknown; uri?: unknown; headers?: Headers; statusCode?: unknown };
    if (passed.statusCode !== undefined || passed.headers === undefined) return "the function answers by itself";
    if (passed.method !== method || passed.uri !== uri) return "the function changes the method or the path";
    const told = passed.headers[address];
    if (told?.value !== VIEWER || told.multiValue !== undefined)
      return `expected ${address} to be the viewer's address, whatever the caller sends`;
    const changed = UNTOUCHED.find((name) => JSON.stringify(passed.headers?.[name]) !== JSON.stringify(sent[name]));
    if (changed !== undefined) return `the function changes the header ${changed}`;
  }
  return undefined;
}

const STORE = `const cf = { kvs: () => ({ get: async (key) => "${STORED}" + key }) };`;

/** What `handler(event)` returns, or the text of what goes wrong. Its promises are settled before this returns. */
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
