import { createHash } from "node:crypto";

import type { Graph } from "@backend/sst-graph/graph";
import type { ResolvedGraph, ResolvedResource } from "@backend/sst-graph/resolve";

import { headerOf, type IncomingRequest } from "../kit/http-message";
import { objectOf, objectsOf } from "../kit/json";
import { compileViewerFunction, type ViewerFunction, type ViewerOutcome } from "./viewer-function";

/**
 * The simulated parts of a CloudFront distribution in front of the API: viewer functions and
 * origin.
 */
export interface Edge {
  urn: string;
  /** Host of the origin, which is the API's. */
  originHost: string;
  /** Prefix that the distribution adds to every path, such as `/prod`; mostly empty. */
  originPath: string;
  /**
   * Handles a viewer's request, without cache and WAF.
   *
   * @throws ViewerFunctionError
   */
  receive(request: IncomingRequest): Promise<ViewerOutcome | { badRequest: string }>;
}

/**
 * Returns made-up values for `sst secret set`: different for each secret, the same at each start.
 */
export function secretsOf({ resources }: Graph): Record<string, string> {
  const names = resources.filter(({ type }) => type === "sst:sst:Secret").map(({ name }) => name);
  const madeUp = (name: string) => createHash("sha256").update(`offline ${name}`).digest("hex");
  return Object.fromEntries(names.map((name) => [`secret:${name}`, madeUp(name)]));
}

/**
 * Finds the distribution that sends requests to one of these hosts by default.
 *
 * @param apiHosts hosts of the API on AWS: its own and its custom domains
 */
export function findDistribution({ resources }: ResolvedGraph, apiHosts: string[]): ResolvedResource | undefined {
  return resources.find(
    ({ type, inputs }) =>
      type === "aws:cloudfront/distribution:Distribution" &&
      apiHosts.includes(String(defaultOriginOf(inputs).domainName)),
  );
}

/**
 * Reads a distribution. Throws an Error that names the viewer function that cannot be simulated.
 */
export function readEdge({ resources }: ResolvedGraph, { urn, name, inputs, outputs }: ResolvedResource): Edge {
  const { functionAssociations } = objectOf(inputs.defaultCacheBehavior);
  const functions = objectsOf(functionAssociations)
    .filter(({ eventType }) => eventType === "viewer-request")
    .map(({ functionArn }): ViewerFunction => {
      const declared = resources.find((resource) => resource.outputs.arn === functionArn);
      try {
        const { id = "", domainName = "" } = outputs;
        return compileViewerFunction(String(declared?.inputs.code), { id, domainName });
      } catch (error) {
        const reason = (error as Error).message;
        throw new Error(`distribution "${name}": the function ${functionArn} cannot be simulated: ${reason}`);
      }
    });
  const { domainName, originPath, customHeaders } = defaultOriginOf(inputs);
  const added = objectsOf(customHeaders).map((header) => ({
    name: String(header.name).toLowerCase(),
    value: String(header.value),
  }));

  return {
    urn,
    originHost: String(domainName),
    originPath: typeof originPath === "string" ? originPath : "",
    async receive(request) {
      // CloudFront responds with 400 to a request without a Host, before any function runs.
      if (headerOf(request, "host") === undefined) return { badRequest: "the request has no Host header" };
      let current = request;
      for (const run of functions) {
        const outcome = await run(current);
        if ("response" in outcome) return outcome;
        current = outcome.request;
      }
      return { request: { ...current, rawHeaders: replaceHeaders(current.rawHeaders, added) } };
    },
  };
}

/**
 * Replaces the viewer's headers by the origin's custom headers of the same name.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/add-origin-custom-headers.html
 */
function replaceHeaders(rawHeaders: readonly string[], added: { name: string; value: string }[]): string[] {
  const others = rawHeaders.filter((_text, index) => {
    const name = rawHeaders[index - (index % 2)]?.toLowerCase();
    return added.every((header) => header.name !== name);
  });
  return [...others, ...added.flatMap(({ name, value }) => [name, value])];
}

function defaultOriginOf({ origins, defaultCacheBehavior }: ResolvedResource["inputs"]): ResolvedResource["inputs"] {
  const { targetOriginId } = objectOf(defaultCacheBehavior);
  return objectsOf(origins).find(({ originId }) => originId === targetOriginId) ?? {};
}
