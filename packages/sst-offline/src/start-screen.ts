import path from "node:path";

import { countOf, fit, type Paint, wrap } from "@backend/sst-graph/screen";

import type { Gap } from "./deployment/resources/reasons";
import type { Route } from "./gateway/api";
import type { Offline } from "./offline";

export interface ScreenOptions {
  /** Time from the start of the command, in milliseconds. */
  milliseconds: number;
  gaps: Gap[];
  /** Lists the gaps in place of their number. */
  isVerbose: boolean;
  /** In characters. */
  width: number;
  paint: Paint;
}

const MARGIN = "  ";
const LABEL_CHARACTERS = 11;
/** A wider terminal does not stretch the screen. */
const MAX_WIDTH = 100;

/** Formats the start screen: addresses, routes with their permissions, and first calls. */
export function startScreen(offline: Offline, options: ScreenOptions): string {
  const { milliseconds, paint } = options;
  const width = Math.min(options.width, MAX_WIDTH);
  const { deployment, firstBuilds } = offline.running();
  const { graph, api } = deployment;
  const url = offline.url();
  const row = (label: string, value: string) => `${MARGIN}${paint.dim(label.padEnd(LABEL_CHARACTERS))} ${value}`;
  const title = `${graph.app} · ${graph.stage} · local`;
  const ready =
    firstBuilds.length > 0
      ? `building ${countOf(firstBuilds.length, "function")}…`
      : `ready in ${(milliseconds / 1000).toFixed(1)} s`;
  const gap = " ".repeat(Math.max(width - MARGIN.length - title.length - ready.length, 2));
  const lines = [
    `${MARGIN}${paint.bold(title)}${gap}${paint.dim(ready)}`,
    "",
    ...(offline.site === undefined ? [] : [row(offline.site.label, paint.cyan(offline.site.url))]),
    row("API", paint.cyan(url)),
    row("AWS", `${paint.cyan(offline.endpointUrl)}  ${paint.dim("(aws --endpoint-url)")}`),
    row("Logs", relativePath(path.join(path.dirname(offline.outputsFile), "logs"))),
    "",
    ...routeRows(api.routes, width - MARGIN.length).map((line) => `${MARGIN}${line}`),
    "",
    ...firstCalls(offline).map(([label, command]) => row(label, command)),
    "",
    ...gapRows(options, width).map((line) => `${MARGIN}${paint.dim(line)}`),
    "",
  ];
  return lines.join("\n");
}

/** Returns what a request to the route needs: a scope, any valid token, or nothing. */
export function permissionOf({ authorizer, scopes }: Pick<Route, "authorizer" | "scopes">): string {
  if (authorizer === undefined) return "public";
  return scopes.length === 0 ? "any token" : scopes.join(", ");
}

type Cells = [method: string, path: string, permission: string];

/** Formats routes in two columns if they fit, else in one. Sorts by path, then by method. */
export function routeRows(routes: Pick<Route, "routeKey" | "authorizer" | "scopes">[], width: number): string[] {
  const cells = routes
    .map((route): Cells => {
      const [method = "", target = ""] = route.routeKey.split(" ");
      return [method, target, permissionOf(route)];
    })
    .sort(([methodA, pathA], [methodB, pathB]) => compare(pathA, pathB) || compare(methodA, methodB));
  const half = Math.ceil(cells.length / 2);
  const [left, right] = [alignColumns(cells.slice(0, half)), alignColumns(cells.slice(half))];
  const leftWidth = Math.max(...left.map((line) => line.length), 0);
  const pairs = left.map((line, index) => `${line.padEnd(leftWidth)}   ${right[index] ?? ""}`.trimEnd());
  if (pairs.every((line) => line.length <= width)) return pairs;
  return alignColumns(cells).map((line) => fit(line, width));
}

/** Compares by code points, so that `/events` comes before `/events/{id}` in every locale. */
function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function alignColumns(cells: Cells[]): string[] {
  const methods = Math.max(...cells.map(([method]) => method.length));
  const paths = Math.max(...cells.map(([, target]) => target.length));
  return cells.map(([method, target, permission]) => {
    return `${method.padEnd(methods)}  ${target.padEnd(paths)}  ${permission}`;
  });
}

/** Returns a call of a public route, and one with a token, for routes that have no variables. */
function firstCalls(offline: Offline): [label: string, command: string][] {
  const { api, stage, userPools } = offline.running().deployment;
  const url = offline.url();
  const machines = userPools
    .flatMap(({ clients }) => clients)
    .filter(({ flows }) => String(flows) === "client_credentials");
  const clientOf = ([scope = ""]: string[]) => machines.find(({ scopes }) => scopes.includes(scope));
  const open = api.routes.find((route) => route.authorizer === undefined && /^(ANY|GET) [^{]*$/.test(route.routeKey));
  const guarded = api.routes.find(({ routeKey, scopes }) => /^GET [^{]*$/.test(routeKey) && clientOf(scopes));
  const calls: [string, string][] = open === undefined ? [] : [["Try", `curl -i ${url}${pathOf(open)}`]];
  if (guarded === undefined) return calls;
  const name = clientOf(guarded.scopes)
    ?.name.replace(/Client$/, "")
    .toLowerCase();
  const client = machines.length > 1 ? ` --client ${name}` : "";
  const options = `${client}${stage === "dev" ? "" : ` --stage ${stage}`}`;
  return [
    ...calls,
    ["Token", `TOKEN=$(npx --yes pnpm@12 -s offline token${options})`],
    ["", `curl -i --oauth2-bearer $TOKEN ${url}${pathOf(guarded)}`],
  ];
}

function pathOf({ routeKey }: Route): string {
  return routeKey.split(" ")[1] ?? "";
}

function gapRows({ gaps, isVerbose }: ScreenOptions, width: number): string[] {
  if (!isVerbose) {
    const count = countOf(gaps.length, "feature of AWS is", "features of AWS are");
    return gaps.length === 0 ? [] : [`${count} not simulated: --verbose lists them`];
  }
  const labels = Math.max(...gaps.map(({ what }) => what.length), 0);
  const indent = " ".repeat(labels + 4);
  const rows = gaps.flatMap(({ what, why }) => {
    const lines = wrap(why, width - MARGIN.length - indent.length);
    return lines.map((line, index) => (index === 0 ? `  ${what.padEnd(labels)}  ${line}` : `${indent}${line}`));
  });
  return ["Not simulated:", ...rows];
}

/** Returns the path relative to the current folder, if the file is inside it. */
function relativePath(file: string): string {
  const relative = path.relative(process.cwd(), file);
  return relative.startsWith("..") ? file : relative;
}
