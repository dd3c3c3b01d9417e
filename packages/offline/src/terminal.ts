import path from "node:path";
import { stripVTControlCharacters } from "node:util";

import type { ResolvedGraph } from "@secure-backend/graph/resolve";

import { gapsOf } from "./coverage";
import type { Route } from "./gateway/api";
import type { Handled } from "./gateway/handle";
import type { Offline, OfflineNews } from "./offline";

/** What of a stream is needed: where lines go, and whether a person reads them. */
export interface Output {
  isTTY?: boolean;
  /** False where it is full: there will be a `drain`. */
  write(text: string): boolean;
  once?(event: "drain", listener: () => void): unknown;
}

export interface Terminal extends OfflineNews {
  started(offline: Offline, milliseconds: number): void;
}

/** Characters of a path that are shown: 8 kB of it would hide the rest. */
const PATH_WIDTH = 100;

/** Milliseconds: nobody sees them, and a write for each of thousands of lines would take longer than the requests. */
const TOGETHER = 10;

/** Tells the person at the terminal what goes on, in colour where colours are wanted (https://no-color.org). */
export function createTerminal(output: Output, env: NodeJS.ProcessEnv): Terminal {
  const coloured = env.FORCE_COLOR !== undefined || (output.isTTY === true && !env.NO_COLOR && env.TERM !== "dumb");
  const paint = (code: number, text: string) => (coloured ? `\u001b[${code}m${text}\u001b[0m` : text);
  let lines: string[] = [];
  let full = false;
  let unseen = 0;

  return {
    started,
    handled(handled) {
      if (full) unseen++;
      else say(requestLine(handled));
    },
    built: (name, ms) => say(paint(36, `${name} bundled anew in ${Math.round(ms)} ms`)),
    failed: (name, message) => say(`${paint(31, `${name} cannot be bundled`)}\n${printable(message)}`),
    notice: (text) => say(paint(33, printable(text))),
  };

  /** Lines that come together go out together. */
  function say(line: string): void {
    if (lines.length === 0) setTimeout(flush, TOGETHER);
    lines.push(line);
  }

  function flush(): void {
    full = !output.write(`${lines.join("\n")}\n`) && output.once !== undefined;
    lines = [];
    if (full) output.once?.("drain", drained);
  }

  /** Requests that came faster than they could be shown stand in the access log all the same. */
  function drained(): void {
    full = false;
    if (unseen > 0) say(paint(2, `... ${unseen} more requests, in the access log`));
    unseen = 0;
  }

  function started(offline: Offline, milliseconds: number): void {
    const { graph, api, accessLog } = offline.backend();
    const url = offline.url();
    const example = api.routes.find(({ routeKey }) => /^(ANY|GET) [^{]*$/.test(routeKey))?.routeKey.split(" ")[1];
    const gaps = gapsOf(graph);
    const width = Math.max(...gaps.map(({ what }) => what.length));
    say(
      [
        `${paint(1, graph.app)} ${graph.stage}, offline, ready in ${Math.round(milliseconds)} ms`,
        "",
        ...api.routes.map(({ routeKey }) => `  ${paint(32, routeLine(routeKey, url))}`),
        "",
        ...(example === undefined ? [] : [`  Try it       curl -i ${url}${example}`]),
        ...withToken(api.routes, url, graph),
        `  Console      ${offline.consoleUrl}`,
        `  Access log   ${accessLog === undefined ? "the graph declares none" : shortest(accessLog.writer.file)}`,
        `  AWS          ${offline.endpointUrl}   (aws --endpoint-url ${offline.endpointUrl} dynamodb list-tables)`,
        `  Outputs      ${shortest(offline.outputsFile)}`,
        "",
        "Not simulated here:",
        ...gaps.map(({ what, why }) => paint(2, `  ${what.padEnd(width)}   ${why}`)),
        "",
      ].join("\n"),
    );
  }

  function requestLine({ exchange, response, latency, logged }: Handled): string {
    const { request, receivedAt, requestId, integrationError, internalError } = exchange;
    const { status } = response;
    const time = new Date(receivedAt).toISOString().slice(11, 23);
    const colour = status >= 500 ? 31 : status >= 400 ? 33 : 32;
    const target = oneLine(request.path);
    const shown = target.length > PATH_WIDTH ? `${target.slice(0, PATH_WIDTH)}... (${target.length})` : target;
    const head = `${paint(2, time)} ${paint(colour, String(status))} ${request.method.padEnd(6)} ${shown}`;
    const defect = internalError === undefined ? "" : String(internalError);
    const why = logged ? (integrationError ?? defect) : "no stage of this name: API Gateway logs no such request";
    return `${head} ${paint(2, `${latency} ms ${requestId}`)}${why && ` ${paint(31, oneLine(why))}`}`;
  }
}

/** As a person in the current folder would write it. */
function shortest(file: string): string {
  const relative = path.relative(process.cwd(), file);
  return relative.startsWith("..") ? file : relative;
}

/** What clients that are programs may ask for. */
function machineScopes({ resources }: ResolvedGraph): string[] {
  return resources
    .filter(({ type }) => type === "aws:cognito/userPoolClient:UserPoolClient")
    .filter(({ inputs }) => String(inputs.allowedOauthFlows) === "client_credentials")
    .flatMap(({ inputs }) => (Array.isArray(inputs.allowedOauthScopes) ? inputs.allowedOauthScopes.map(String) : []));
}

/** How a route that asks for a token is called. */
function withToken(routes: Route[], url: string, graph: ResolvedGraph): string[] {
  const granted = machineScopes(graph);
  const callable = ({ routeKey, scopes }: Route) => /^GET [^{]*$/.test(routeKey) && granted.includes(scopes[0] ?? "");
  const guarded = routes.find(callable);
  if (guarded === undefined) return [];
  const { stage } = graph;
  const options = `--client machine --scope "${guarded.scopes[0]}"${stage === "dev" ? "" : ` --stage ${stage}`}`;
  return [
    `  A token      TOKEN=$(npx --yes pnpm@12 --silent offline token ${options})`,
    `               curl -i -H "authorization: Bearer $TOKEN" ${url}${guarded.routeKey.split(" ")[1]}`,
  ];
}

function routeLine(routeKey: string, url: string): string {
  const [method = "", path = ""] = routeKey.split(" ");
  return `${method.padEnd(8)} ${url}${path}`;
}

/** What a caller or a function says must not move the cursor, colour the screen or make lines of its own. */
function oneLine(text: string): string {
  return printable(text).replaceAll(/[\n\t]/g, escaped);
}

function printable(text: string): string {
  return stripVTControlCharacters(text).replaceAll(CONTROL, escaped);
}
// All controls but line breaks and tabs, and what changes the direction of text.
const CONTROL = /[^\P{Cc}\n\t]|[\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
