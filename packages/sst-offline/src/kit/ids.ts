import { randomBytes } from "node:crypto";

// Random bytes are read in bulk: the system call costs more than the rest of an id.
const POOL_BYTES = 4096;
let pool = Buffer.alloc(0);
let used = 0;

function random(length: number): Buffer {
  if (used + length > pool.length) {
    pool = randomBytes(POOL_BYTES);
    used = 0;
  }
  used += length;
  return pool.subarray(used - length, used);
}

/**
 * Returns a request id of API Gateway: 11 bytes in URL-safe base64 with its `=`, as in recorded
 * events (`JCJM3j95PHcEJHg=`).
 */
export function newRequestId(): string {
  return `${random(11).toString("base64url")}=`;
}

/**
 * Returns the X-Ray trace header of a new trace.
 * https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-traceids
 *
 * @param now epoch milliseconds
 */
export function newTraceId(now: number): string {
  return `Root=1-${Math.floor(now / 1000).toString(16)}-${random(12).toString("hex")}`;
}

/**
 * True for a tracing header that AWS would accept from the caller.
 * https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader
 */
export function isTraceId(text: string): boolean {
  return /^(Self=[\w.-]+;)?Root=1-[0-9a-f]{8}-[0-9a-f]{24}(;(Parent=[0-9a-f]{16}|Sampled=[01?]|Lineage=[\w:|.-]+))*$/i.test(
    text,
  );
}

/**
 * Returns a value of CloudFront's `x-amz-cf-id`: 56 characters of URL-safe base64, ending in `==`.
 */
export function newEdgeRequestId(): string {
  return `${random(40).toString("base64url")}==`;
}
