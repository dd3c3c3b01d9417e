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
  /** False where it is full: there will be a `drain`. */
  write(text: string): boolean;
  once?(event: "drain", listener: () => void): unknown;
}

export interface Terminal extends OfflineNews {
  started(offline: Offline, milliseconds: number): void;
}

/** Characters of a path that are shown: a path may have 8 kB. */
const PATH_WIDTH = 100;

/** Lines of this many milliseconds are written at once: a write for each would take longer than the requests. */
const FLUSH_MS = 10;

/** Writes what happens to the terminal, in colour where colours are wanted (https://no-color.org). */
export function createTerminal(output: Output, env: NodeJS.ProcessEnv): Terminal {
  const coloured = env.FORCE_COLOR !== undefined || (output.isTTY === true && !env.NO_COLOR && env.TERM !== "dumb");
  const paint = (code: number, text: string) => (coloured ? `\u001b[${code}m${text}\u001b[0m` : text);
  let lines: string[] = [];
  let full = false;
  let unseen = 0;

  return {
    started,
    handled(outcome) {
      if (full) unseen++;
      else say(requestLine(outcome));
    },
    built: (name, ms) => say(paint(36, `${name} bundled in ${Math.round(ms)} ms`)),
    failed: (name, message) => say(`${paint(31, `${name} cannot be bundled`)}\n${printable(message)}`),
    notice: (text) => say(paint(33, printable(text))),
  };

  /** Lines that come together go out together. */
  function say(line: string): void {
    if (lines.length === 0) setTimeout(flush, FLUSH_MS);
    lines.push(line);
  }

  function flush(): void {
    full = !output.write(`${lines.join("\n")}\n`) && output.once !== undefined;
    lines = [];
    if (full) output.once?.("drain", drained);
  }

  /** Requests that came faster than they could be shown are only counted; the access log has them. */
  function drained(): void {
    full = false;
    if (unseen > 0) say(paint(2, `... ${unseen} more requests, in the access log`));
    unseen = 0;
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
        `  Access log   ${accessLog === undefined ? "the graph declares none" : shortest(accessLog.file)}`,
        `  AWS          ${offline.endpointUrl}   (aws --endpoint-url ${offline.endpointUrl} dynamodb list-tables)`,
        `  Outputs      ${shortest(offline.outputsFile)}`,
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
    const shown = target.length > PATH_WIDTH ? `${target.slice(0, PATH_WIDTH)}... (${target.length})` : target;
    const head = `${paint(2, time)} ${paint(colour, String(status))} ${request.method.padEnd(6)} ${shown}`;
    const unlogged = outcome.isFromEdge
      ? "answered by CloudFront: API Gateway does not see it"
      : "not an address of the API: API Gateway does not log it";
    const why = outcome.defect ?? outcome.integration?.error ?? (arrival === undefined ? unlogged : "");
    return `${head} ${paint(2, `${latency} ms ${requestId}`)}${why && ` ${paint(31, oneLine(why))}`}`;
  }
}

/** As a person in the current folder would write it. */
function shortest(file: string): string {
  const relative = path.relative(process.cwd(), file);
  return relative.startsWith("..") ? file : relative;
}

/** Shows how to call a route that asks for a token. */
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
  const options = `--client ${client} --scope "${guarded.scopes[0]}"${stage === "dev" ? "" : ` --stage ${stage}`}`;
  return [
    `  A token      TOKEN=$(npx --yes pnpm@12 --silent offline token ${options})`,
    `               curl -i -H "authorization: Bearer $TOKEN" ${url}${guarded.routeKey.split(" ")[1]}`,
  ];
}
