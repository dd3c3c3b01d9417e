import { readdirSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import path from "node:path";
import { type Offline, type OfflineNews, type OfflineOptions, startOffline } from "@backend/sst-offline/offline";
import { expect } from "vitest";

/** Serves a project on a free port. `news` contains every message for the terminal. */
export async function serve(
  project: string,
  options: Partial<OfflineOptions> = {},
): Promise<Offline & { news: string[] }> {
  const news: string[] = [];
  const recorder: OfflineNews = {
    handled: () => {},
    notice: (text) => news.push(text),
    built: (name) => news.push(`${name} bundled`),
    failed: (name, message) => news.push(`${name}: ${message}`),
  };
  return { ...(await startOffline({ project, stage: "dev", port: 0, ...options }, recorder)), news };
}

/** Returns the entries of the access log, like `jq .message`. */
export function accessLogOf(offline: Offline): Record<string, unknown>[] {
  const file = offline.running().accessLog?.file ?? "";
  const lines = readFileSync(file, "utf8").trimEnd().split("\n").filter(Boolean);
  return lines.map((line) => (JSON.parse(line) as { message: Record<string, unknown> }).message);
}

export function idOf(response: Response): string {
  return response.headers.get("apigw-requestid") ?? "";
}

/** Returns the only access log entry of a response. */
export function lineOf(offline: Offline, response: Response): Record<string, unknown> {
  const lines = accessLogOf(offline).filter(({ requestId }) => requestId === idOf(response));
  expect(lines).toHaveLength(1);
  return lines[0] ?? {};
}

/** Sends a text and returns the response until the server closes the connection. */
export async function exchange(offline: Offline, text: string): Promise<string> {
  const socket = connect(Number(new URL(offline.url()).port), "127.0.0.1");
  socket.write(text);
  let response = "";
  for await (const chunk of socket) response += chunk;
  return response;
}

/** Returns how often a fixture's function has logged "begun". */
export function begunOf(project: string, name: string): number {
  return functionLogOf(project, name).filter((line) => line.includes("begun")).length;
}

/** Returns the lines of all log streams of a function. */
export function functionLogOf(project: string, name: string): string[] {
  const folder = path.join(project, ".offline/dev/logs/aws/lambda", name);
  const names = readdirSync(folder, { withFileTypes: true }).map((entry) => entry.name);
  return names.flatMap((stream) => readFileSync(path.join(folder, stream), "utf8").trimEnd().split("\n"));
}
