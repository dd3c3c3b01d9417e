import { decodePercent, headerOf, type IncomingRequest } from "../kit/http-message";

/** An API mapping: a custom domain, and the first segments of its paths that lead to the API. */
export interface ApiMapping {
  domainName: string;
  /** Such as `v1` or `orders/v1`; empty where every path of the domain is meant. */
  key: string;
}

/** The addresses of an API with its one stage. */
export interface ApiAddresses {
  stage: string;
  /** `<id>.execute-api.<region>.amazonaws.com` */
  executeApiHost: string;
  /** `disableExecuteApiEndpoint`: only the custom domains lead to the API. */
  isExecuteApiDisabled: boolean;
  mappings: ApiMapping[];
}

/** A request that has reached the stage. */
export interface Arrival {
  /** Decoded path within the stage, by which routes are chosen. */
  routePath: string;
  /** Decoded path as the event and the log have it: with the stage, where it has a name. */
  eventPath: string;
  /** Encoded path for the log. */
  loggedPath: string;
  /** The host that the request came by, on AWS. */
  domainName: string;
  /** Key of the API mapping that took the request. */
  mappingKey?: string;
}

/**
 * Finds out which address of the API a request is for, as API Gateway does by the Host: a custom
 * domain has its mappings, API Gateway's own host has the stage as its first segment. On this
 * machine any other Host stands for the address shown to callers (`defaultHost`).
 *
 * @param defaultHost an address of the API on AWS: the origin of the distribution in front of it, for example
 * @returns a function that returns `undefined` where no stage takes the request; API Gateway answers 404 and logs nothing
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

  /** The declared address that the Host header names. */
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
 * What callers put between the host and a route's path: `/dev`, the key of a mapping, or nothing.
 *
 * @param edgePath the origin path, which the distribution in front of the API adds to every path
 */
export function basePathOf({ stage, mappings }: ApiAddresses, host: string, edgePath = ""): string {
  const mapping = mappings.find(({ domainName }) => domainName === host);
  const segment = mapping === undefined ? (stage === "$default" ? "" : stage) : mapping.key;
  const basePath = segment === "" ? "" : `/${segment}`;
  return basePath === edgePath ? "" : basePath;
}

/** `undefined` where the path is not in the stage. */
export function pathInStage(stage: string, path: string): string | undefined {
  return stage === "$default" ? path : pathBelow(stage, path);
}

function pathBelow(segments: string, path: string): string | undefined {
  if (segments === "") return path;
  const prefix = `/${segments}`;
  if (path === prefix) return "/";
  return path.startsWith(`${prefix}/`) ? path.slice(prefix.length) : undefined;
}
