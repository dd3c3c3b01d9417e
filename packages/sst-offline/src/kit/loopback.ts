import type { IncomingMessage } from "node:http";

/**
 * Guards an endpoint that only local programs and the given pages may use. Every page in a
 * developer's browser can send requests to loopback. A page whose host name resolves to 127.0.0.1
 * is even same-origin (DNS rebinding). The API itself needs no guard: it is public, as on AWS.
 *
 * @param origins pages that may call, such as the console's
 * @param isOpen true for requests that any page may send
 * @returns a function that returns why a request is rejected, or `undefined` if it may pass
 */
export function guardLoopback(
  origins: string[],
  isOpen: (request: IncomingMessage) => boolean = () => false,
): (request: IncomingMessage) => string | undefined {
  return function findRefusal(request) {
    const { headers, socket } = request;
    const { host = "", origin, "sec-fetch-site": site } = headers;
    const hosts = ["127.0.0.1", "localhost"].map((name) => `${name}:${socket.localPort}`);
    if (!hosts.includes(host)) return `Host is "${host}", expected ${hosts.join(" or ")}`;
    if (isOpen(request)) return undefined;
    if (origin !== undefined) {
      return origins.includes(origin)
        ? undefined
        : `Origin is "${origin}", expected none or ${origins.join(" or ") || "no page"}`;
    }
    // Images, links and forms of a page may have no Origin, but browsers still send Sec-Fetch-Site.
    if (site !== undefined && site !== "none" && site !== "same-origin")
      return `Sec-Fetch-Site is "${site}": the request comes from a page of another site`;
    return undefined;
  };
}
