import { createHash } from "node:crypto";

import type { PersonError } from "./person";
import type { RuntimeGroups, UserPool } from "./pool";
import type { SignInRequest } from "./sign-in-request";

export interface SignInPage {
  request: SignInRequest;
  pool: UserPool;
  /** Names of the pool's users, as suggestions. */
  users: string[];
  /** Sent with the form. */
  token: string;
  /** Values of the previous attempt, whose problem is in `problem`. */
  typed?: { name: string; groups: string[]; runtimeGroups: string };
  problem?: PersonError;
}

export interface Html {
  headers: Record<string, string>;
  body: string;
}

/** Returns the sign-in page. It has no password, and loads nothing from other hosts. */
export function signInPage({ request, pool, users, token, typed, problem }: SignInPage): Html {
  const { client, scopes, redirectUri } = request;
  const [usual] = pool.testIdentities;
  const { name, groups, runtimeGroups } = typed ?? {
    name: usual?.user ?? "",
    groups: usual?.groups.filter((group) => pool.groups.includes(group)) ?? [],
    runtimeGroups: (usual?.groups.filter((group) => !pool.groups.includes(group)) ?? []).join(" "),
  };
  const wrong = (field: PersonError["field"]) =>
    problem?.field === field ? 'aria-invalid="true" aria-describedby="problem"' : "";
  const first = (field: PersonError["field"]) => ((problem?.field ?? "name") === field ? "autofocus" : "");
  const boxes = pool.groups.map(
    (group) =>
      `<label class="box"><input type="checkbox" name="group" value="${escapeHtml(group)}"${
        groups.includes(group) ? " checked" : ""
      }> ${escapeHtml(group)}</label>`,
  );
  const identities = pool.testIdentities.map(
    ({ label, user, groups }) =>
      `<button class="identity" name="identity" value="${escapeHtml(label)}" formnovalidate>` +
      `<strong>${escapeHtml(label)}</strong><small>${escapeHtml([user, ...groups].join(" · "))}</small></button>`,
  );
  const suggestions = users.map((user) => `<option value="${escapeHtml(user)}">`);
  const body = `<h1>Sign in</h1>
<p class="note"><strong>Offline: no password.</strong> Sign in as a user of the pool, or under any
 other name. On AWS, this is Cognito's page.</p>
${problem === undefined ? "" : `<p id="problem" role="alert">${escapeHtml(problem.message)}</p>`}
${
  identities.length === 0
    ? ""
    : `<form class="identities" method="post" action="/${escapeHtml(pool.id)}/login">
<input type="hidden" name="_csrf" value="${escapeHtml(token)}">
${identities.join("\n")}
</form>
<h2>Or anyone else</h2>`
}
<form method="post" action="/${escapeHtml(pool.id)}/login">
<input type="hidden" name="_csrf" value="${escapeHtml(token)}">
<label for="username">User name</label>
<input id="username" name="username" value="${escapeHtml(name)}" maxlength="128" required ${first("name")}
 autocomplete="username" autocapitalize="none" spellcheck="false" list="users" ${wrong("name")}>
<datalist id="users">${suggestions.join("")}</datalist>
<fieldset><legend>Groups</legend>
${boxes.join("\n") || "<p>The user pool has no groups.</p>"}
</fieldset>
${pool.runtimeGroups === undefined ? "" : runtimeGroupsField(pool.runtimeGroups)}
<button class="primary">Sign in to ${escapeHtml(client.name)}</button>
</form>
<p class="hint">Requested scopes: ${escapeHtml(scopes.join(", "))}</p>`;
  return html(body, `'self' ${sourceOf(redirectUri)}`);

  function runtimeGroupsField({ label, example }: RuntimeGroups): string {
    const id = "runtime-groups";
    return `<label for="${id}">${escapeHtml(label)}</label>
<input id="${id}" name="${id}" value="${escapeHtml(runtimeGroups)}" autocapitalize="none" autocomplete="off"
 spellcheck="false" ${first("groups")} ${wrong("groups") || `aria-describedby="${id}-hint"`}>
<p id="${id}-hint" class="hint">Such as <code>${escapeHtml(example)}</code>. Separate several with spaces.</p>`;
  }
}

/** Returns a page with an error that cannot be sent to a client. */
export function errorPage(message: string): Html {
  return html(`<h1>Sign-in error</h1>\n<p role="alert">${escapeHtml(message)}</p>`, "'none'");
}

/** @param formAction also covers the redirect after the form, which browsers check, too */
function html(body: string, formAction: string): Html {
  return {
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": [
        "default-src 'none'",
        `style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'`,
        `form-action ${formAction}`,
        "frame-ancestors 'none'",
        "base-uri 'none'",
      ].join("; "),
      "x-frame-options": "DENY",
      // With "no-referrer" a browser would send the form with "Origin: null".
      "referrer-policy": "same-origin",
    },
    body: `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sign in (offline)</title>
<style>${STYLE}</style>
</head>
<body><main>
${body}
</main></body>
</html>
`,
  };
}

const STYLE = `
:root { color-scheme: light dark; --bg: #f7f7f9; --surface: #fff; --line: #c9ccd6; --text: #16181d; --muted: #5b6170;
  --accent: #4050cf; --on-accent: #fff; --bad: #b3202f;
  font: 13px/1.5 ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
@media (prefers-color-scheme: dark) { :root { --bg: #0c0d10; --surface: #131519; --line: #3a3f4b; --text: #e8e9ee;
  --muted: #979eae; --accent: #8f9cf7; --on-accent: #0c0d10; --bad: #f28591; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--bg); color: var(--text); }
main { max-width: 400px; margin: 8vh auto; padding: 24px; overflow-wrap: anywhere; border: 1px solid var(--line);
  border-radius: 8px; background: var(--surface); }
h1 { font-size: 17px; margin: 0 0 8px; }
h2 { font-size: 13px; margin: 20px 0 8px; }
p { margin: 0 0 12px; color: var(--muted); }
[role="alert"] { color: var(--bad); font-weight: 600; }
label { display: block; font-weight: 600; }
.box { font-weight: 400; padding: 4px 0; }
input:not([type]), button { width: 100%; min-height: 36px; padding: 6px 10px; font: inherit; color: inherit;
  border: 1px solid var(--line); border-radius: 7px; background: var(--bg); }
button { cursor: pointer; text-align: left; }
.primary { margin-top: 12px; text-align: center; font-weight: 600; border-color: var(--accent);
  background: var(--accent); color: var(--on-accent); }
.identities { display: grid; gap: 8px; }
small { display: block; color: var(--muted); font-size: 12px; }
fieldset { margin: 12px 0; padding: 0; border: 0; }
legend { padding: 0; font-weight: 600; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.hint { margin: 4px 0 8px; font-size: 12px; }
`;

/** The part of an address that a Content-Security-Policy names. */
function sourceOf(address: string): string {
  const { origin, protocol } = new URL(address);
  return origin === "null" ? protocol : origin;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
