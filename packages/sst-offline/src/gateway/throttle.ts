/** Requests per second, and the size of the token bucket. */
export interface ThrottleLimits {
  rateLimit: number;
  burstLimit: number;
}

/**
 * Creates a check that admits or throttles each request. Every route has a token bucket, which
 * fills at the rate limit up to the burst limit.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-throttling.html
 *
 * @param now returns milliseconds of any clock
 */
export function createThrottle(limits: ThrottleLimits | undefined, now: () => number): (routeKey: string) => boolean {
  if (limits === undefined) return () => true;
  const { rateLimit, burstLimit } = limits;
  const buckets = new Map<string, { tokens: number; at: number }>();

  return function admit(routeKey) {
    const at = now();
    const bucket = buckets.get(routeKey) ?? { tokens: burstLimit, at };
    const filled = Math.min(burstLimit, bucket.tokens + ((at - bucket.at) / 1000) * rateLimit);
    const isAdmitted = filled >= 1;
    buckets.set(routeKey, { tokens: isAdmitted ? filled - 1 : filled, at });
    return isAdmitted;
  };
}
