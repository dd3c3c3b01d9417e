/** Requests a second, and the size of the bucket. */
export interface ThrottleLimits {
  rateLimit: number;
  burstLimit: number;
}

/**
 * Tells whether a route has room for one more request: a bucket of tokens for each route, filled at the rate limit up to the
 * burst limit (https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-throttling.html).
 *
 * @param now epoch milliseconds, or any other clock of milliseconds
 */
export function createThrottle(limits: ThrottleLimits | undefined, now: () => number): (routeKey: string) => boolean {
  if (limits === undefined) return () => true;
  const { rateLimit, burstLimit } = limits;
  const buckets = new Map<string, { tokens: number; at: number }>();

  return function admit(routeKey) {
    const at = now();
    const bucket = buckets.get(routeKey) ?? { tokens: burstLimit, at };
    const filled = Math.min(burstLimit, bucket.tokens + ((at - bucket.at) / 1000) * rateLimit);
    const admitted = filled >= 1;
    buckets.set(routeKey, { tokens: admitted ? filled - 1 : filled, at });
    return admitted;
  };
}
