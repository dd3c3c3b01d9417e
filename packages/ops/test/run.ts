import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { RECORDED, withPrefix } from "@backend/testing/recorded";
import { onTestFinished, vi } from "vitest";
import { main } from "../src/cli";
import type { Output } from "../src/environment";

interface Options {
  stdin?: string | Uint8Array;
  isTTY?: boolean;
  env?: NodeJS.ProcessEnv;
  signal?: AbortSignal;
  cwd?: string;
  /** Called with the whole of standard output whenever there is more. */
  onOutput?: (stdout: string) => void;
}

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true"; // as in main.ts

/** A run of `pnpm ops`, with the real SDK. */
export async function run(
  argv: string[],
  { stdin = "", isTTY = false, env = {}, signal, cwd, onOutput }: Options = {},
) {
  const written = { stdout: "", stderr: "" };
  const output = (name: keyof typeof written): Output => ({
    isTTY,
    write(text) {
      written[name] += text;
      if (name === "stdout") onOutput?.(written.stdout);
    },
  });
  const code = await main(argv, {
    stdout: output("stdout"),
    stderr: output("stderr"),
    stdin: bytes(),
    env,
    cwd: cwd ?? tmpdir(),
    signal: signal ?? new AbortController().signal,
  });
  return { code, ...written };

  async function* bytes() {
    yield typeof stdin === "string" ? new TextEncoder().encode(stdin) : stdin;
  }
}

export function folder(): string {
  const dir = mkdtempSync(path.join(tmpdir(), "ops-"));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  return dir;
}

/** A project with the recorded graphs, whose stage `dev` is served offline, at these places. */
export function offlineProject(outputs: Record<string, string>): string {
  const dir = folder();
  cpSync(RECORDED, path.join(dir, "infra/graph"), { recursive: true });
  mkdirSync(path.join(dir, ".offline/dev"), { recursive: true });
  writeFileSync(path.join(dir, ".offline/dev/outputs.json"), JSON.stringify(outputs));
  return dir;
}

/** A project with the recorded graphs, whose AWS is a server on this machine. */
export function awsProject(url: string): string {
  vi.stubEnv("AWS_ENDPOINT_URL", url);
  vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  const dir = folder();
  cpSync(RECORDED, path.join(dir, "infra/graph"), { recursive: true });
  return dir;
}

export const GROUP = `/aws/apigateway/${withPrefix("SecureBackendAPI")}/dev`;

/** A line of the access log, as `format.ts` has API Gateway write it. */
export function accessLogLine(changes: Record<string, unknown> = {}): string {
  const line = {
    requestId: "JCJM3j95PHcEJHg=",
    requestTimeEpoch: Date.parse("2026-11-23T09:30:00.125Z"),
    stage: "dev",
    routeKey: "GET /events",
    httpMethod: "GET",
    path: "/dev/events",
    status: 200,
    responseLength: 71,
    responseLatency: 12,
    integrationLatency: "11",
    integrationRequestId: "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
    user: "ada",
    client: "web",
    sourceIp: "203.0.113.7",
    userAgent: "curl/8.7.1",
  };
  return JSON.stringify({ ...line, ...changes });
}
