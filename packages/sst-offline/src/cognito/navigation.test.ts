import type { IncomingMessage } from "node:http";

import { describe, expect, it } from "vitest";

import { isSignInNavigation } from "./navigation";

/** Headers recorded from Chromium 147, for a navigation from a page on another port. */
const window = { "sec-fetch-site": "same-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
const request = (url: string, headers: Record<string, string> = window, method = "GET") =>
  ({ method, url, headers }) as unknown as IncomingMessage;
const pool = "/eu-west-1_AbCdEfGhI";

describe("a navigation to a page of a user pool is", () => {
  it.each([`${pool}/oauth2/authorize?a=b`, `${pool}/login`, `${pool}/logout?x`])("a request for %s", (url) => {
    expect(isSignInNavigation(request(url))).toBe(true);
  });
});

describe("not a navigation to a page of a user pool is", () => {
  it.each<[string, IncomingMessage]>([
    ["by the way to tokens", request(`${pool}/oauth2/token`)],
    ["by the endpoint's own root", request("/login")],
    ["by a longer path", request(`${pool}/login/x`)],
    ["by a deeper path", request(`/x${pool}/login`)],
    ["by a query", request(`/x?${pool}/login`)],
    ["by a form", request(`${pool}/login`, { ...window, origin: "http://localhost:5173" }, "POST")],
    ["by a form without an Origin", request(`${pool}/login`, window, "POST")],
    ["with an Origin", request(`${pool}/login`, { ...window, origin: "http://localhost:5173" })],
    ["by a frame", request(`${pool}/login`, { ...window, "sec-fetch-dest": "iframe" })],
    ["by fetch()", request(`${pool}/login`, { ...window, "sec-fetch-mode": "no-cors" })],
    ["by a program, which a guard lets pass by itself", request(`${pool}/login`, {})],
  ])("%s", (_title, made) => {
    expect(isSignInNavigation(made)).toBe(false);
  });
});
