import path from "node:path";

import { oneLine, printable } from "@backend/sst-graph/printable";

import { gapsOf } from "./deployment/coverage";
import type { Deployment } from "./deployment/deployment";
import type { Outcome } from "./gateway/outcome";
import { routeLine } from "./gateway/route";
import type { Offline, OfflineNews } from "./offline";

/** The part of a writable stream that the terminal uses. */
export interface Output {
  isTTY?: boolean;
  /** Returns false when the buffer is full; a `drain` event follows. */
  write(text: string): boolean;
  once?(event: "drain", listener: () => void): unknown;
}

export interface Terminal extends OfflineNews {
  started(offline: Offline, milliseconds: number): void;
}

/** Limits the characters shown of a path, which may have 8 kB. */
const MAX_PATH_CHARACTERS = 100;

/**
 * Lines are written together once in this time: one write a line would take longer than a request.
 */
const FLUSH_MS = 10;

/** Creates the terminal's log, in colour if the terminal supports it (https://no-color.org). */
export function createTerminal(output: Output, env: NodeJS.ProcessEnv): Terminal {
  const isColoured = env.FORCE_COLOR !== undefined || (output.isTTY === true && !env.NO_COLOR && env.TERM !== "dumb");
  const paint = (code: number, text: string) => (isColoured ? `\u001b[${code}m${text}\u001b[0m` : text);
  let lines: string[] = [];
  let isFull = false;
  let skipped = 0;

  return {
    started,
    handled(outcome) {
      if (isFull) skipped++;
      else say(requestLine(outcome));
    },
    built: (name, ms) => say(paint(36, `${name} built in ${Math.round(ms)} ms`)),
    failed: (name, message) => say(`${paint(31, `${name}: build failed`)}\n${printable(message)}`),
    notice: (text) => say(paint(33, printable(text))),
  };

  function say(line: string): void {
    if (lines.length === 0) setTimeout(flush, FLUSH_MS);
    lines.push(line);
  }

  function flush(): void {
    isFull = !output.write(`${lines.join("\n")}\n`) && output.once !== undefined;
    lines = [];
    if (isFull) output.once?.("drain", resume);
  }

  /** Shows the number of requests that came while the terminal was full. */
  function resume(): void {
    isFull = false;
    if (skipped > 0) say(paint(2, `... ${skipped} more requests: see the access log`));
    skipped = 0;
  }

  function started(offline: Offline, milliseconds: number): void {
    const { deployment, accessLog } = offline.running();
    const { graph, api } = deployment;
    const url = offline.url();
    const example = api.routes.find(({ routeKey }) => /^(ANY|GET) [^{]*$/.test(routeKey))?.routeKey.split(" ")[1];
    const gaps = gapsOf(deployment);
    const width = Math.max(...gaps.map(({ what }) => what.length));
    say(
      [
        `${paint(1, graph.app)} ${graph.stage}, offline, ready in ${Math.round(milliseconds)} ms`,
        "",
        ...api.routes.map(({ routeKey }) => `  ${paint(32, routeLine(routeKey, url))}`),
        "",
        ...(example === undefined ? [] : [`  Try it       curl -i ${url}${example}`]),
        ...tokenLines(deployment, url),
        ...(offline.site === undefined ? [] : [`  ${offline.site.label.padEnd(12)} ${offline.site.url}`]),
        `  Access log   ${accessLog === undefined ? "not configured" : shortenPath(accessLog.file)}`,
        `  AWS          ${offline.endpointUrl}   (aws --endpoint-url ${offline.endpointUrl} dynamodb list-tables)`,
        `  Outputs      ${shortenPath(offline.outputsFile)}`,
        "",
        "Not simulated here:",
        ...gaps.map(({ what, why }) => paint(2, `  ${what.padEnd(width)}   ${why}`)),
        "",
      ].join("\n"),
    );
  }

  function requestLine({ request, response, receivedAt, requestId, latency, arrival, ...outcome }: Outcome): string {
    const { status } = response;
    const time = new Date(receivedAt).toISOString().slice(11, 23);
    const colour = status >= 500 ? 31 : status >= 400 ? 33 : 32;
    const target = oneLine(request.path);
    const shown =
      target.length > MAX_PATH_CHARACTERS ? `${target.slice(0, MAX_PATH_CHARACTERS)}... (${target.length})` : target;
    const head = `${paint(2, time)} ${paint(colour, String(status))} ${request.method.padEnd(6)} ${shown}`;
    const unlogged = outcome.isFromEdge
      ? "response of CloudFront: the request does not reach API Gateway"
      : "outside the API's stage: API Gateway does not log the request";
    const why = outcome.defect ?? outcome.integration?.error ?? (arrival === undefined ? unlogged : "");
    return `${head} ${paint(2, `${latency} ms ${requestId}`)}${why && ` ${paint(31, oneLine(why))}`}`;
  }
}

/** Returns the path relative to the current folder, if the file is inside it. */
function shortenPath(file: string): string {
  const relative = path.relative(process.cwd(), file);
  return relative.startsWith("..") ? file : relative;
}

/** Returns an example of a call with a token, for a route that needs one. */
function tokenLines({ api, stage, userPools }: Deployment, url: string): string[] {
  const machines = userPools
    .flatMap(({ clients }) => clients)
    .filter(({ flows }) => String(flows) === "client_credentials");
  const clientOf = (scope = "") => machines.find(({ scopes }) => scopes.includes(scope));
  const guarded = api.routes.find(
    (route) => /^GET [^{]*$/.test(route.routeKey) && clientOf(route.scopes[0]) !== undefined,
  );
  if (guarded === undefined) return [];
  const client = clientOf(guarded.scopes[0])
    ?.name.replace(/Client$/, "")
    .toLowerCase();
  const options = `--client ${client}${stage === "dev" ? "" : ` --stage ${stage}`}`;
  return [
    `  Token        TOKEN=$(npx --yes pnpm@12 --silent offline token ${options})`,
    `               curl -i -H "authorization: Bearer $TOKEN" ${url}${guarded.routeKey.split(" ")[1]}`,
  ];
}
