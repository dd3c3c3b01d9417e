import type { IncomingMessage } from "node:http";

/**
 * Guards an endpoint that only this machine's programs and the given pages may use. Any page that a developer has open can send
 * requests to loopback; a name of its own that leads to 127.0.0.1 makes them same-origin. The API itself is not guarded: it
 * answers whoever reaches it, as on AWS.
 *
 * @param origins pages that may call, such as the console's
 * @param isOpen requests of any page that may pass all the same
 * @returns why a request is refused, `undefined` where it may pass
 */
export function guardLoopback(
  origins: string[],
  isOpen: (request: IncomingMessage) => boolean = () => false,
): (request: IncomingMessage) => string | undefined {
  return function refusal(request) {
    const { headers, socket } = request;
    const { host = "", origin, "sec-fetch-site": site } = headers;
    const own = ["127.0.0.1", "localhost"].map((name) => `${name}:${socket.localPort}`);
    if (!own.includes(host)) return `Host is "${host}", expected ${own.join(" or ")}`;
    if (isOpen(request)) return undefined;
    if (origin !== undefined) {
      return origins.includes(origin)
        ? undefined
        : `Origin is "${origin}", expected none or ${origins.join(" or ") || "no page"}`;
    }
    // A page's images, links and forms may come without an Origin; browsers say where they come from all the same.
    if (site !== undefined && site !== "none" && site !== "same-origin")
      return `Sec-Fetch-Site is "${site}": a page of another site asks`;
    return undefined;
  };
}
