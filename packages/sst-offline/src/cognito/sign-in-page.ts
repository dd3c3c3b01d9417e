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
  const { name = "", groups = [], runtimeGroups = "" } = typed ?? {};
  const wrong = (field: PersonError["field"]) =>
    problem?.field === field ? 'aria-invalid="true" aria-describedby="problem"' : "";
  const first = (field: PersonError["field"]) => ((problem?.field ?? "name") === field ? "autofocus" : "");
  const boxes = pool.groups.map(
    (group) =>
      `<label class="box"><input type="checkbox" name="group" value="${escapeHtml(group)}"${
        groups.includes(group) ? " checked" : ""
      }> ${escapeHtml(group)}</label>`,
  );
  const suggestions = users.map((user) => `<option value="${escapeHtml(user)}">`);
  const body = `<h1>Sign in</h1>
<p class="note"><strong>Offline: no password.</strong> Sign in as a user of the pool, or under any
 other name. On AWS, this is Cognito's page.</p>
${problem === undefined ? "" : `<p id="problem" role="alert">${escapeHtml(problem.message)}</p>`}
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
<button>Sign in to ${escapeHtml(client.name)}</button>
</form>
<p class="hint">Requested scopes: ${escapeHtml(scopes.join(", "))}</p>`;
  return html(body, `'self' ${sourceOf(redirectUri)}`);

  function runtimeGroupsField({ label, example }: RuntimeGroups): string {
    const id = "runtime-groups";
    return `<label for="${id}">${escapeHtml(label)}</label>
<input id="${id}" name="${id}" value="${escapeHtml(runtimeGroups)}" autocapitalize="none" autocomplete="off"
 spellcheck="false" ${first("groups")} ${wrong("groups") || `aria-describedby="${id}-hint"`}>
<p id="${id}-hint" class="hint">A group such as <code>${escapeHtml(example)}</code>. Separate several with spaces.</p>`;
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

// System colors are legible in both schemes.
const STYLE = `
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { margin: 0; background: Canvas; color: CanvasText; }
main { max-width: 26rem; margin: 0 auto; padding: 1.5rem 1rem; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; margin: 0 0 1rem; }
.note { border-inline-start: 0.25rem solid; padding-inline-start: 0.75rem; }
[role="alert"] { border: 2px solid; padding: 0.5rem 0.75rem; font-weight: 600; }
label { display: block; font-weight: 600; }
.box { font-weight: 400; padding: 0.375rem 0; }
input:not([type]) { box-sizing: border-box; width: 100%; font: inherit; padding: 0.5rem; }
fieldset { margin: 1rem 0; }
button { width: 100%; margin-top: 0.75rem; padding: 0.75rem; font: inherit; font-weight: 600; }
.hint { margin: 0.25rem 0 0.5rem; font-size: 0.875rem; }
`;

/** The part of an address that a Content-Security-Policy names. */
function sourceOf(address: string): string {
  const { origin, protocol } = new URL(address);
  return origin === "null" ? protocol : origin;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
