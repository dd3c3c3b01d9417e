const REQUEST_CONTEXT = { requestId: "JCJM3j95PHcEJHg=", stage: "dev", domainName: "localhost" };

export interface Case {
  name: string;
  /** Path in the repository, and export. */
  handler: string;
  event: object;
  status: number;
  /** Name of the corresponding case of the typical stack. */
  against?: string;
}

/** Cases that a noun adds to the bench, exported as `COLD` from nouns/<noun>/cold.ts. */
export interface ColdNoun {
  cases: Case[];
  /** Environment variables of the noun's functions. */
  environment: Record<string, string>;
  /** Case for invocations after the first. */
  warm?: Case;
}

export const PUT = request(
  "POST /things",
  {},
  { body: JSON.stringify({ type: "thing", id: "2026-0042", size: "12.50" }) },
);
export const QUERY = request("GET /things", {});

export function request(
  routeKey: string,
  context: object,
  { method = routeKey.split(" ")[0], body = "", query = "" } = {},
): object {
  const http = { method, sourceIp: "192.0.2.1", userAgent: "bench" };
  return {
    version: "2.0",
    routeKey,
    rawPath: "/dev/",
    rawQueryString: query,
    headers: { "content-type": "application/json" },
    requestContext: { ...REQUEST_CONTEXT, ...context, routeKey, http },
    ...(body !== "" && { body }),
    isBase64Encoded: false,
  };
}
