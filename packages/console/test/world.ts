import { appendFileSync, existsSync, mkdirSync } from "node:fs";
import path from "node:path";

import { PERMISSIONS, type Permission } from "@backend/core/permissions";
import type { AccessLogEntry } from "@backend/platform/access-log/entry";
import { ACCESS_LOG_FIELDS } from "@backend/platform/access-log/fields";
import type { Graph } from "@backend/sst-graph/graph";
import { startOffline } from "@backend/sst-offline/offline";
import { withPrefix } from "@backend/testing/app";
import { repositoryCopy } from "@backend/testing/repository-copy";
import { OFFLINE_APP } from "../../../infra/tools/offline-app";

const GROUP = `/aws/apigateway/${withPrefix("SecureBackendAPI")}/dev`;

const permissions: Permission[] = Object.values(PERMISSIONS);

/** A test identity with all permissions. */
export const ADA = {
  client: "web",
  user: "ada",
  groups: [...permissions.flatMap(({ group }) => group ?? []), "tenant:acme"],
  scopes: ["openid", ...Object.keys(PERMISSIONS)],
};

export type World = Awaited<ReturnType<typeof startWorld>>;

export interface WorldOptions {
  /** Entries that the access log starts with. */
  log?: AccessLogEntry[];
  /** Whether the stage's CORS allows the console's origin. */
  isAllowed?: boolean;
}

/** Starts the real backend offline, with the console on a free port. */
export async function startWorld({ log = [], isAllowed = true }: WorldOptions = {}) {
  const { folder, remove } = repositoryCopy((graph) => {
    if (!isAllowed) disallowConsole(graph);
    raiseTimeouts(graph);
  });
  const notices: string[] = [];
  const notice = (text: string) => void notices.push(text);
  const offline = await startOffline(
    { project: folder, stage: "dev", port: 0, ...OFFLINE_APP },
    { notice, handled: () => {}, built: () => {}, failed: notice },
  );
  // A subscription delivers only entries that are written after it exists.
  const subscriptions = path.join(folder, ".offline/dev/subscriptions");
  for (let tries = 0; log.length > 0 && !existsSync(subscriptions); tries++) {
    if (tries === 5000) throw new Error(`the access log has no subscription: expected ${subscriptions}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  appendTo(folder, log);
  const consoleUrl = offline.site?.url ?? "";
  await (await fetch(consoleUrl)).text(); // builds the console
  // Loads the issuer. A busy machine takes longer for that than the authorizer waits.
  await (await fetch(`${offline.running().deployment.graph.outputs.issuer}/.well-known/jwks.json`)).text();
  return {
    offline,
    notices,
    consoleUrl,
    apiUrl: offline.url(),
    /** Appends messages to the access log. */
    append: (...lines: unknown[]) => appendTo(folder, lines),
    async stop() {
      await offline.stop();
      remove();
    },
  };
}

function disallowConsole({ resources }: Graph): void {
  const api = resources.find(({ type }) => type === "aws:apigatewayv2/api:Api");
  Object.assign(api?.inputs.corsConfiguration as object, { allowOrigins: ["https://app.example.com"] });
}

/** A busy machine must not make a function time out. */
function raiseTimeouts({ resources }: Graph): void {
  for (const { type, inputs } of resources) if (type === "aws:lambda/function:Function") inputs.timeout = 120;
}

function appendTo(folder: string, messages: unknown[]): void {
  if (messages.length === 0) return;
  const logFolder = path.join(folder, ".offline/dev/logs", GROUP);
  mkdirSync(logFolder, { recursive: true });
  const lines = messages.map((message) => {
    const { requestTimeEpoch: timestamp = Date.now() } = Object(message) as Partial<AccessLogEntry>;
    return `${JSON.stringify({ timestamp, message: withMissing(message) })}\n`;
  });
  appendFileSync(path.join(logFolder, "access-log.ndjson"), lines.join(""));
}

/** Adds the values that an entry lacks. API Gateway logs them as `-`. */
function withMissing(message: unknown): unknown {
  if (typeof message !== "object") return message;
  return { ...Object.fromEntries(Object.keys(ACCESS_LOG_FIELDS).map((name) => [name, "-"])), ...message };
}
