import { decodePercent, headerOf, type IncomingRequest } from "../kit/http-message";

/** An API mapping: a custom domain, and the first path segments that lead to the API. */
export interface ApiMapping {
  domainName: string;
  /** Key such as `v1` or `orders/v1`; empty if every path of the domain leads to the API. */
  key: string;
}

/** The addresses of an API with one stage. */
export interface ApiAddresses {
  stage: string;
  /** `<id>.execute-api.<region>.amazonaws.com` */
  executeApiHost: string;
  /** `disableExecuteApiEndpoint`: only custom domains lead to the API. */
  isExecuteApiDisabled: boolean;
  mappings: ApiMapping[];
}

/** The address of a request inside the stage. */
export interface Arrival {
  /** Decoded path inside the stage. It selects the route. */
  routePath: string;
  /** Decoded path for the event. It begins with the stage, unless the stage is `$default`. */
  eventPath: string;
  /** Encoded path for the access log. */
  loggedPath: string;
  /** Host of the request on AWS. */
  domainName: string;
  /** Key of the API mapping that matches the request. */
  mappingKey?: string;
}

/**
 * Compiles the addresses of an API into a function that finds the stage of a request. API Gateway
 * looks at the Host: a custom domain has its mappings, and the execute-api host has the stage as
 * the first path segment. Offline treats every other Host as `defaultHost`.
 *
 * @param defaultHost a host of the API on AWS, such as the origin of the distribution in front of
 *   it
 * @returns a function that returns `undefined` if the request is outside the stage; API Gateway
 *   then responds with 404 and logs nothing
 */
export function compileAddresses(addresses: ApiAddresses, defaultHost: string) {
  const { stage, executeApiHost, isExecuteApiDisabled, mappings } = addresses;
  const byLength = [...mappings].sort((a, b) => b.key.length - a.key.length);
  const domains = new Set(mappings.map(({ domainName }) => domainName));

  return function arrive(request: IncomingRequest, viaEdge: boolean): Arrival | undefined {
    const host = viaEdge ? defaultHost : (hostIn(request) ?? defaultHost);
    const path = decodePercent(request.path);
    if (domains.has(host)) return byMapping(request, path, host);
    if (host === executeApiHost && isExecuteApiDisabled) return undefined;
    const routePath = pathInStage(stage, path);
    if (routePath === undefined) return undefined;
    return { routePath, eventPath: path, loggedPath: request.path, domainName: host };
  };

  /** Returns the host of the request if it is an address of the API. */
  function hostIn(request: IncomingRequest): string | undefined {
    const host = headerOf(request, "host")?.replace(/:\d*$/, "").toLowerCase();
    return host !== undefined && (domains.has(host) || host === executeApiHost) ? host : undefined;
  }

  function byMapping(request: IncomingRequest, path: string, host: string): Arrival | undefined {
    for (const { domainName, key } of byLength) {
      if (domainName !== host) continue;
      const routePath = pathBelow(key, path);
      if (routePath === undefined) continue;
      const prefix = stage === "$default" ? "" : `/${stage}`;
      const loggedPath = `${prefix}${pathBelow(key, request.path) ?? routePath}`;
      return { routePath, eventPath: `${prefix}${routePath}`, loggedPath, domainName: host, mappingKey: key };
    }
    return undefined;
  }
}

/**
 * Returns the prefix of every route's path in a caller's URL: `/dev`, the key of a mapping, or
 * nothing.
 *
 * @param edgePath the origin path, which the distribution in front of the API adds to every path
 */
export function basePathOf({ stage, mappings }: ApiAddresses, host: string, edgePath = ""): string {
  const mapping = mappings.find(({ domainName }) => domainName === host);
  const segment = mapping === undefined ? (stage === "$default" ? "" : stage) : mapping.key;
  const basePath = segment === "" ? "" : `/${segment}`;
  return basePath === edgePath ? "" : basePath;
}

/** Returns the path inside the stage, or `undefined` if the path is outside it. */
export function pathInStage(stage: string, path: string): string | undefined {
  return stage === "$default" ? path : pathBelow(stage, path);
}

function pathBelow(segments: string, path: string): string | undefined {
  if (segments === "") return path;
  const prefix = `/${segments}`;
  if (path === prefix) return "/";
  return path.startsWith(`${prefix}/`) ? path.slice(prefix.length) : undefined;
}
