import type { IncomingMessage } from "node:http";

/**
 * Whether a browser's window is being led to a page of a user pool, by a link or a script of
 * whatever page: what signing in and out begins with, and what a guard of the endpoint may let
 * pass. The person gets a page, or is led to an address that a client has registered; the page that
 * led here can neither read that nor show it in a frame.
 */
export function isSignInNavigation({ method, url = "", headers }: IncomingMessage): boolean {
  return (
    method === "GET" &&
    /^\/[\w-]+\/(oauth2\/authorize|login|logout)(\?|$)/.test(url) &&
    headers.origin === undefined &&
    headers["sec-fetch-mode"] === "navigate" &&
    headers["sec-fetch-dest"] === "document"
  );
}
