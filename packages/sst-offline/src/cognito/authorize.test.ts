import { once } from "node:events";
import { request as httpRequest, type IncomingHttpHeaders } from "node:http";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import {
  authorizeUrl,
  CALLBACK,
  type Fields,
  formToken,
  PAGE,
  post,
  serveUserPool,
  signIn,
  type TestPool,
  userPoolGraph,
} from "../../test/user-pool";

let pool: TestPool;
beforeAll(async () => {
  pool = await serveUserPool(
    userPoolGraph({
      Server: { allowedOauthFlows: ["implicit"] },
      Writers: { name: `<b>"writers" & co</b>` },
    }),
  );
});
afterAll(() => pool.close());

const get = (url: string) => fetch(url, { redirect: "manual" });

describe("the sign-in page", () => {
  it("asks for name and groups, without a password, and loads nothing from other hosts", async () => {
    const response = await get(authorizeUrl(pool));
    const html = await response.text();
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    expect(html).toContain("Offline: no password.");
    expect(html).toContain('<label for="username">');
    expect(html).toContain('<label for="runtime-groups">Tenant</label>');
    expect(html).toContain('name="group" value="operators"');
    expect(html).not.toMatch(/type="password"|<script|<img|<link|https?:|url\(/);
    expect(html).toContain('<html lang="en">');
    expect(html).toContain("color-scheme: light dark");
    expect(html).toContain('name="viewport" content="width=device-width, initial-scale=1"');
  });

  it("is filled in, signs in as a test identity with one click, and takes a tenant without its prefix", async () => {
    const url = authorizeUrl(pool);
    const html = await (await get(url)).text();
    expect(html).toContain('name="username" value="ada"');
    expect(html).toContain('name="group" value="operators" checked');
    expect(html).toContain('name="identity" value="Operator"');
    for (const fields of [
      [["identity", "Operator"]],
      [
        ["username", "eve"],
        ["runtime-groups", "acme"],
      ],
    ] as Fields[]) {
      const location = await signIn(pool, url, fields);
      expect(location.searchParams.get("code")).not.toBeNull();
    }
  });

  it("escapes the names of groups", async () => {
    const html = await (await get(authorizeUrl(pool))).text();
    expect(html).toContain('value="&#60;b&#62;&#34;writers&#34; &#38; co&#60;/b&#62;"');
    expect(html).not.toContain("<b>");
  });

  it(
    "can be put into no frame, runs no script, is not kept, and sends its form here and to the client " + "only",
    async () => {
      const { headers } = await get(authorizeUrl(pool));
      expect(headers.get("x-frame-options")).toBe("DENY");
      expect(headers.get("cache-control")).toBe("no-store");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("access-control-allow-origin")).toBeNull();
      const policy = headers.get("content-security-policy") ?? "";
      expect(policy.replace(/'sha256-[\w+/]{43}='/, "HASH").split("; ")).toEqual([
        "default-src 'none'",
        "style-src HASH",
        // Chromium applies form-action to the redirect after a form, too.
        `form-action 'self' ${PAGE}`,
        "frame-ancestors 'none'",
        "base-uri 'none'",
      ]);
      // https://fetch.spec.whatwg.org/#append-a-request-origin-header: with "no-referrer" the
      // form's Origin would be null.
      expect(headers.get("referrer-policy")).toBe("same-origin");
    },
  );

  it("allows a redirect to an app's own URL scheme", async () => {
    const { headers } = await get(authorizeUrl(pool, { redirect_uri: "com.example.app://signed-in" }));
    expect(headers.get("content-security-policy")).toContain("form-action 'self' com.example.app:;");
  });

  it("is also at /login, like Cognito's", async () => {
    const url = authorizeUrl(pool).replace("/oauth2/authorize", "/login");
    expect((await signIn(pool, url)).searchParams.get("code")).toMatch(/^[\w-]{43}$/);
  });

  it("redirects back with a code and the state", async () => {
    const state = "a b&c=d/é";
    const location = await signIn(pool, authorizeUrl(pool, { state }));
    expect(location.origin + location.pathname).toBe(CALLBACK);
    expect([...location.searchParams.keys()]).toEqual(["code", "state"]);
    expect(location.searchParams.get("state")).toBe(state);
    const stateless = await signIn(pool, authorizeUrl(pool));
    expect([...stateless.searchParams.keys()]).toEqual(["code"]);
  });

  it.each<[string, Fields, string]>([
    ["no name", [], "user name &#34;&#34;: expected 1 to 128 letters, digits and signs without a space"],
    ["a name with a space", [["username", "ada l"]], "user name &#34;ada l&#34;: expected"],
    [
      "a group that there is not",
      [
        ["username", "ada"],
        ["group", "root"],
      ],
      "no group &#34;root&#34;: expected",
    ],
    [
      "a tenant that cannot be",
      [
        ["username", "ada"],
        ["runtime-groups", "tenant:A"],
      ],
      "no group &#34;tenant:A&#34;: expected",
    ],
  ])("reports %s, and keeps the typed values", async (_title, fields, problem) => {
    const token = await formToken(authorizeUrl(pool));
    const response = await post(`${pool.issuer}/login`, [["_csrf", token], ["group", "operators"], ...fields]);
    const html = await response.text();
    expect(response.status).toBe(400);
    expect(html).toContain(`role="alert">${problem}`);
    expect(html.match(/autofocus[^>]*aria-invalid="true" aria-describedby="problem"/g)).toHaveLength(1);
    expect(html.match(/autofocus/g)).toHaveLength(1);
    expect(html).toContain('value="operators" checked');
    const typed = Object.fromEntries(fields);
    if (typed.username) expect(html).toContain(`value="${typed.username}"`);
    const again = await post(`${pool.issuer}/login`, [
      ["_csrf", token],
      ["username", "ada"],
    ]);
    expect(again.status).toBe(302);
  });

  it("accepts each form once, for an hour, and only with the page's token", async () => {
    const login = (token: string) => post(`${pool.issuer}/login`, { _csrf: token, username: "ada" });
    const used = await formToken(authorizeUrl(pool));
    expect((await login(used)).status).toBe(302);
    expect((await login(used)).status).toBe(400);
    const old = await formToken(authorizeUrl(pool));
    const young = await formToken(authorizeUrl(pool));
    pool.clock.now += 60 * 60 * 1000 - 1;
    expect((await login(young)).status).toBe(302);
    pool.clock.now += 1;
    for (const token of [old, "", "guess"]) {
      const response = await login(token);
      expect([response.status, response.headers.get("location")]).toEqual([400, null]);
      expect(await response.text()).toContain("This page has expired");
    }
  });
});

// https://docs.aws.amazon.com/cognito/latest/developerguide/authorization-endpoint.html, "Examples
// of Negative Responses";
// unsupported_response_type from RFC 6749, section 4.1.2.1, login_required from OpenID Connect
// Core, section 3.1.2.6.
describe("a sign-in request whose error is sent to the client", () => {
  it.each<[string, Record<string, string | undefined>, string, string]>([
    ["without a response type", { response_type: undefined }, "invalid_request", "response_type: expected code"],
    [
      "for a token, which the client may not have",
      { response_type: "token" },
      "unauthorized_client",
      "the flow implicit",
    ],
    ["for anything else", { response_type: "id_token" }, "unsupported_response_type", "response_type: expected code"],
    ["without a challenge", { code_challenge: undefined }, "invalid_request", "code_challenge: expected a SHA-256"],
    [
      "without PKCE",
      { code_challenge: undefined, code_challenge_method: undefined },
      "invalid_request",
      "code_challenge_method: expected S256",
    ],
    [
      "without its method",
      { code_challenge_method: undefined },
      "invalid_request",
      "code_challenge_method: expected S256",
    ],
    [
      "with a plain challenge",
      { code_challenge_method: "plain" },
      "invalid_request",
      "code_challenge_method: expected S256",
    ],
    ["with a challenge of 42", { code_challenge: "x".repeat(42) }, "invalid_request", "code_challenge: expected"],
    ["with a challenge of 44", { code_challenge: "x".repeat(44) }, "invalid_request", "code_challenge: expected"],
    [
      "for a scope that the client may not have",
      { scope: "openid traffic/read" },
      "invalid_scope",
      "scope: expected some of",
    ],
    ["without a page", { prompt: "none" }, "login_required", "prompt: nobody has signed in"],
  ])("is rejected %s", async (_title, changes, error, description) => {
    const response = await get(authorizeUrl(pool, { state: "s-1", ...changes }));
    const location = new URL(response.headers.get("location") ?? "");
    expect([response.status, location.origin + location.pathname]).toEqual([302, CALLBACK]);
    expect(Object.fromEntries(location.searchParams)).toEqual({
      error,
      error_description: expect.stringContaining(description),
      state: "s-1",
    });
  });

  it("is rejected for a client without the flow, and always for the implicit flow", async () => {
    const errorOf = async (changes: Record<string, string>) => {
      const response = await get(authorizeUrl(pool, { client_id: pool.ids.server, ...changes }));
      return new URL(response.headers.get("location") ?? "").searchParams.get("error");
    };
    expect(await errorOf({})).toBe("unauthorized_client");
    expect(await errorOf({ response_type: "token" })).toBe("unsupported_response_type");
  });

  it("is rejected with a repeated parameter", async () => {
    const response = await get(`${authorizeUrl(pool)}&scope=openid&scope=openid&state=1&state=2`);
    const { searchParams } = new URL(response.headers.get("location") ?? "");
    expect([searchParams.get("error"), searchParams.get("state")]).toEqual(["invalid_request", null]);
  });
});

describe("there is no redirect", () => {
  it.each<[string, () => string]>([
    ["for an unknown client", () => authorizeUrl(pool, { client_id: "nobody" })],
    ["without a client", () => authorizeUrl(pool, { client_id: undefined })],
    ["for two clients", () => `${authorizeUrl(pool)}&client_id=${pool.ids.web}`],
    ["for a client without callbacks", () => authorizeUrl(pool, { client_id: pool.ids.machine })],
    ["without a redirect URI", () => authorizeUrl(pool, { redirect_uri: undefined })],
    ["with two", () => `${authorizeUrl(pool)}&redirect_uri=${encodeURIComponent(CALLBACK)}`],
    ["to a foreign page", () => authorizeUrl(pool, { redirect_uri: "https://evil.example/callback" })],
    ["to a path below", () => authorizeUrl(pool, { redirect_uri: `${CALLBACK}/x` })],
    ["to a slash more", () => authorizeUrl(pool, { redirect_uri: `${CALLBACK}/` })],
    ["to a query more", () => authorizeUrl(pool, { redirect_uri: `${CALLBACK}?x=1` })],
    ["to another port", () => authorizeUrl(pool, { redirect_uri: CALLBACK.replace("5173", "5174") })],
    [
      "to another name of this machine",
      () => authorizeUrl(pool, { redirect_uri: CALLBACK.replace("localhost", "127.0.0.1") }),
    ],
    ["to another case", () => authorizeUrl(pool, { redirect_uri: CALLBACK.replace("callback", "Callback") })],
    [
      "after signing out, by an unknown client",
      () => `${pool.issuer}/logout?client_id=x&logout_uri=${PAGE}/signed-out`,
    ],
    [
      "after signing out, to another page",
      () => `${pool.issuer}/logout?client_id=${pool.ids.web}&logout_uri=${CALLBACK}`,
    ],
    ["after signing out, without a client", () => `${pool.issuer}/logout`],
  ])("%s", async (_title, url) => {
    const response = await get(url());
    expect([response.status, response.headers.get("location")]).toEqual([400, null]);
    expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(response.headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
    expect(response.headers.get("content-security-policy")).toContain("form-action 'none'");
    expect(await response.text()).toMatch(/role="alert">(client_id|redirect_uri|logout_uri): expected/);
  });
});

// Both requests of https://docs.aws.amazon.com/cognito/latest/developerguide/logout-endpoint.html
describe("signing out", () => {
  it("redirects to a registered URL", async () => {
    const uri = `${PAGE}/signed-out`;
    const response = await get(`${pool.issuer}/logout?client_id=${pool.ids.web}&logout_uri=${encodeURIComponent(uri)}`);
    expect([response.status, response.headers.get("location")]).toEqual([302, uri]);
  });

  it("redirects to the sign-in page if there is a redirect URI", async () => {
    const location = await signIn(pool, authorizeUrl(pool).replace("/oauth2/authorize", "/logout"));
    expect(location.searchParams.get("code")).not.toBeNull();
  });
});

describe("a browser's session", () => {
  /** Returns where `/oauth2/authorize` leads a browser with this cookie. */
  async function authorized(cookie: string, changes: Record<string, string> = {}): Promise<URL | undefined> {
    const response = await fetch(authorizeUrl(pool, changes), { headers: { cookie }, redirect: "manual" });
    const location = response.headers.get("location");
    return location === null ? undefined : new URL(location);
  }

  it("replaces the page for an hour, unless the client asks for it, and ends with the sign-out", async () => {
    const form = { _csrf: await formToken(authorizeUrl(pool)), username: "ada" };
    const { headers } = await post(`${pool.issuer}/login`, form);
    const [cookie = "", ...attributes] = (headers.get("set-cookie") ?? "").split("; ");
    expect(attributes).toEqual([
      `Path=${new URL(pool.issuer).pathname}`,
      "Max-Age=3600",
      "HttpOnly", // no page can read it
      "SameSite=Lax", // RFC 6265bis, section 5.6.7.1: it comes with a navigation from the app's page
    ]);
    const codeAt = async (changes = {}) => (await authorized(cookie, changes))?.searchParams.get("code");
    expect([await codeAt(), await codeAt({ prompt: "none" })]).toEqual([expect.any(String), expect.any(String)]);
    expect(await authorized(cookie, { prompt: "login" })).toBeUndefined();
    expect(await authorized("offline-session=x")).toBeUndefined();
    pool.clock.now += 60 * 60 * 1000 + 1;
    expect(await authorized(cookie)).toBeUndefined();

    const again = await post(`${pool.issuer}/login`, { ...form, _csrf: await formToken(authorizeUrl(pool)) });
    const [second = ""] = (again.headers.get("set-cookie") ?? "").split(";");
    const uri = encodeURIComponent(`${PAGE}/signed-out`);
    const logout = `${pool.issuer}/logout?client_id=${pool.ids.web}&logout_uri=${uri}`;
    const out = await fetch(logout, { headers: { cookie: second }, redirect: "manual" });
    expect(out.headers.get("set-cookie")).toContain("Max-Age=0");
    expect(await authorized(second)).toBeUndefined();
  });
});

/** Sends a request with a browser's headers, which `fetch` would set itself. */
async function send(method: string, url: string, headers: Record<string, string>) {
  const request = httpRequest(url, { method, headers });
  request.end();
  const [response] = (await once(request, "response")) as [
    { statusCode: number; headers: IncomingHttpHeaders } & NodeJS.ReadableStream,
  ];
  response.resume();
  return { status: response.statusCode, headers: response.headers };
}

// Headers recorded from Chromium 147. Their meaning: https://www.w3.org/TR/fetch-metadata/
describe("a browser's request", () => {
  const window = { "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };

  it.each(["same-site", "cross-site", "same-origin", "none"])(
    "gets the page when a window is led here: %s",
    async (site) => {
      const { status } = await send("GET", authorizeUrl(pool), { ...window, "sec-fetch-site": site });
      expect(status).toBe(200);
      const logout = `${pool.issuer}/logout?client_id=${pool.ids.web}&logout_uri=${encodeURIComponent(`${PAGE}/signed-out`)}`;
      expect((await send("GET", logout, { ...window, "sec-fetch-site": site })).status).toBe(302);
    },
  );

  it.each<[string, string, string, Record<string, string>]>([
    ["for a frame", "GET", "/oauth2/authorize", { ...window, "sec-fetch-dest": "iframe" }],
    ["for an image", "GET", "/logout", { "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image" }],
    ["by fetch() without CORS", "GET", "/oauth2/authorize", { "sec-fetch-mode": "no-cors", "sec-fetch-dest": "empty" }],
    [
      "by fetch()",
      "GET",
      "/oauth2/authorize",
      { "sec-fetch-mode": "cors", "sec-fetch-dest": "empty", origin: "http://evil.example" },
    ],
    ["by a form", "POST", "/login", { ...window, origin: "http://evil.example" }],
    ["by a form in a sandbox", "POST", "/login", { ...window, origin: "null" }],
    ["by a link to the tokens", "GET", "/oauth2/token", window],
    ["by a link to the keys", "GET", "/.well-known/jwks.json", window],
  ])("of a foreign page is rejected %s", async (_title, method, path, headers) => {
    const url = `${pool.issuer}${path}${new URL(authorizeUrl(pool)).search}`;
    const refused = await send(method, url, { "sec-fetch-site": "cross-site", ...headers });
    expect(refused.status).toBe(403);
    expect(refused.headers["access-control-allow-origin"]).toBeUndefined();
  });

  it("is accepted from the page's own form, but not from the client's page", async () => {
    const login = async (origin: string) => {
      const fields = { _csrf: await formToken(authorizeUrl(pool)), username: "ada" };
      return (await post(`${pool.issuer}/login`, fields, { origin })).status;
    };
    expect(await login(pool.endpointUrl)).toBe(302);
    expect(await login(PAGE)).toBe(403);
  });
});
