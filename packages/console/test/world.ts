import { appendFileSync, existsSync, mkdirSync } from "node:fs";
import path from "node:path";

import { PERMISSIONS, type Permission } from "@backend/core/permissions";
import type { AccessLogEntry } from "@backend/platform/access-log/entry";
import type { Graph } from "@backend/sst-graph/graph";
import { startOffline } from "@backend/sst-offline/offline";
import { withPrefix } from "@backend/testing/app";
import { freePort } from "@backend/testing/free-port";
import { repositoryCopy } from "@backend/testing/repository-copy";
import { OFFLINE_APP } from "../../../infra/tools/offline-app";

const GROUP = `/aws/apigateway/${withPrefix("SecureBackendAPI")}/dev`;

const permissions: Permission[] = Object.values(PERMISSIONS);

/** Who may do everything: what a token is minted for. */
export const ADA = {
  client: "web",
  user: "ada",
  groups: [...permissions.flatMap(({ group }) => group ?? []), "tenant:acme"],
  scopes: ["openid", ...Object.keys(PERMISSIONS)],
};

export type World = Awaited<ReturnType<typeof startWorld>>;

export interface WorldOptions {
  /** What the access log has already. */
  log?: AccessLogEntry[];
  /** Whether the stage's CORS names the console's origin. */
  allowed?: boolean;
}

/** The real backend, offline, with the console on a port of its own that the stage's CORS and sign-in name. */
export async function startWorld({ log = [], allowed = true }: WorldOptions = {}) {
  const port = await freePort();
  const { folder, remove } = repositoryCopy((graph) => {
    if (allowed) moveConsole(graph, `http://localhost:${port}`);
    else refuseConsole(graph);
    raiseTimeouts(graph);
  });
  const news: string[] = [];
  const notice = (text: string) => void news.push(text);
  const offline = await startOffline(
    { project: folder, stage: "dev", port: 0, sitePort: port, ...OFFLINE_APP },
    { notice, handled: () => {}, built: () => {}, failed: notice },
  );
  // A subscription delivers what is written after it was made.
  const subscriptions = path.join(folder, ".offline/dev/subscriptions");
  for (let tries = 0; log.length > 0 && !existsSync(subscriptions); tries++) {
    if (tries === 5000) throw new Error(`the access log has no subscription: expected ${subscriptions}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  appendTo(folder, log);
  const consoleUrl = offline.site?.url ?? "";
  await (await fetch(consoleUrl)).text(); // builds it
  return {
    offline,
    news,
    consoleUrl,
    apiUrl: offline.url(),
    /** Adds lines to the access log, as they are. */
    append: (...lines: unknown[]) => appendTo(folder, lines),
    async stop() {
      await offline.stop();
      remove();
    },
  };
}

/** `infra/stage.ts` names the port 5173, which tests cannot count on. */
function moveConsole({ resources }: Graph, origin: string): void {
  for (const resource of resources) {
    const text = JSON.stringify(resource.inputs);
    resource.inputs = JSON.parse(text.replaceAll("http://localhost:5173", origin));
  }
}

function refuseConsole({ resources }: Graph): void {
  const api = resources.find(({ type }) => type === "aws:apigatewayv2/api:Api");
  Object.assign(api?.inputs.corsConfiguration as object, { allowOrigins: ["https://app.example.com"] });
}

/** A busy machine must not make a function time out. */
function raiseTimeouts({ resources }: Graph): void {
  for (const { type, inputs } of resources) if (type === "aws:lambda/function:Function") inputs.timeout = 120;
}

function appendTo(folder: string, messages: unknown[]): void {
  if (messages.length === 0) return;
  const place = path.join(folder, ".offline/dev/logs", GROUP);
  mkdirSync(place, { recursive: true });
  const lines = messages.map((message) => {
    const { requestTimeEpoch: timestamp = Date.now() } = Object(message) as Partial<AccessLogEntry>;
    return `${JSON.stringify({ timestamp, message })}\n`;
  });
  appendFileSync(path.join(place, "access-log.ndjson"), lines.join(""));
}
