import { readdirSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import path from "node:path";
import { type Offline, type OfflineNews, type OfflineOptions, startOffline } from "@backend/sst-offline/offline";
import { expect } from "vitest";

/** Serves on a free port. `news` has every text that a person at the terminal would have been told. */
export async function serve(
  project: string,
  options: Partial<OfflineOptions> = {},
): Promise<Offline & { news: string[] }> {
  const news: string[] = [];
  const told: OfflineNews = {
    handled: () => {},
    notice: (text) => news.push(text),
    built: (name) => news.push(`${name} bundled`),
    failed: (name, message) => news.push(`${name}: ${message}`),
  };
  return { ...(await startOffline({ project, stage: "dev", port: 0, ...options }, told)), news };
}

/** The log events of an access log, as `jq .message` gives them. */
export function accessLogOf(offline: Offline): Record<string, unknown>[] {
  const file = offline.running().accessLog?.file ?? "";
  const lines = readFileSync(file, "utf8").trimEnd().split("\n").filter(Boolean);
  return lines.map((line) => (JSON.parse(line) as { message: Record<string, unknown> }).message);
}

export function idOf(response: Response): string {
  return response.headers.get("apigw-requestid") ?? "";
}

/** The one line about a response. */
export function lineOf(offline: Offline, response: Response): Record<string, unknown> {
  const lines = accessLogOf(offline).filter(({ requestId }) => requestId === idOf(response));
  expect(lines).toHaveLength(1);
  return lines[0] ?? {};
}

/** What comes back for these bytes until the server ends the connection. */
export async function exchange(offline: Offline, text: string): Promise<string> {
  const socket = connect(Number(new URL(offline.url()).port), "127.0.0.1");
  socket.write(text);
  let answer = "";
  for await (const chunk of socket) answer += chunk;
  return answer;
}

/** How often a fixture's function has written `console.log("begun")`. */
export function begunOf(project: string, name: string): number {
  return functionLogOf(project, name).filter((line) => line.includes("begun")).length;
}

/** Lines of all log streams of a function. */
export function functionLogOf(project: string, name: string): string[] {
  const folder = path.join(project, ".offline/dev/logs/aws/lambda", name);
  const names = readdirSync(folder, { withFileTypes: true }).map((entry) => entry.name);
  return names.flatMap((stream) => readFileSync(path.join(folder, stream), "utf8").trimEnd().split("\n"));
}
