import { appendFileSync, existsSync, mkdirSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";

import type { AccessLogEntry } from "@secure-backend/core/access-log/entry";
import type { Graph } from "@secure-backend/graph/graph";

import { startOffline } from "../../offline/src/offline";
import { repositoryCopy } from "../../offline/test/repository-copy";

const GROUP = "/aws/apigateway/SecureBackendAPI/dev";

export interface WorldOptions {
  /** What the access log has already. */
  log?: AccessLogEntry[];
  /** Whether the stage's CORS names the console's origin. */
  allowed?: boolean;
}

/** The real backend, offline, with the console on a port of its own that the stage's CORS and sign-in name. */
export async function startWorld({ log = [], allowed = true }: WorldOptions = {}) {
  const port = await freePort();
  const { folder, remove } = repositoryCopy((graph) =>
    allowed ? moveConsole(graph, `http://localhost:${port}`) : refuseConsole(graph),
  );
  const news: string[] = [];
  const notice = (text: string) => void news.push(text);
  const offline = await startOffline(
    { project: folder, stage: "dev", port: 0, consolePort: port },
    { notice, handled: () => {}, built: () => {}, failed: notice },
  );
  // A subscription delivers what is written after it was made.
  while (log.length > 0 && !existsSync(path.join(folder, ".offline/dev/subscriptions")))
    await new Promise((resolve) => setTimeout(resolve, 20));
  seedLog(folder, log);
  return {
    offline,
    news,
    consoleUrl: offline.consoleUrl,
    apiUrl: offline.url(),
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

function seedLog(folder: string, entries: AccessLogEntry[]): void {
  if (entries.length === 0) return;
  const place = path.join(folder, ".offline/dev/logs", GROUP);
  mkdirSync(place, { recursive: true });
  const lines = entries.map((message) => `${JSON.stringify({ timestamp: message.requestTimeEpoch, message })}\n`);
  appendFileSync(path.join(place, "access-log.ndjson"), lines.join(""));
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
