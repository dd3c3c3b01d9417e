import type { IncomingMessage } from "node:http";

/**
 * True if a browser window navigates to a page of a user pool, which starts a sign-in or sign-out.
 * The endpoint's guard may accept such a request from any page. The user gets a page, or a redirect
 * to a registered URL; the other page cannot read either, and cannot show it in a frame.
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
