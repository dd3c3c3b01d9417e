import type { Route } from "./api";

export interface Match {
  route: Route;
  /** Decoded; absent where the route captures nothing. */
  pathParameters?: Record<string, string>;
}

interface Pattern {
  route: Route;
  method: string;
  segments: Segment[];
}
type Segment = { literal: string } | { variable: string; greedy: boolean };

/**
 * Chooses the route of a request, `undefined` for none, by API Gateway's rules
 * (https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html#http-api-develop-routes.evaluation):
 * a full match first, then the longest `{proxy+}`, then `$default`; a literal segment goes before a
 * variable one, a method before `ANY`. Paths are compared as they are: case counts, and so does a
 * slash at the end.
 */
export function compileRoutes(routes: Route[]): (method: string, path: string) => Match | undefined {
  refuseTwins(routes);
  const fallback = routes.find(({ routeKey }) => routeKey === "$default");
  const patterns = routes
    .filter((route) => route !== fallback)
    .map(patternOf)
    .sort(bySpecificity);

  return function select(method, path) {
    const segments = path.split("/").slice(1);
    for (const { route, method: wanted, segments: pattern } of patterns) {
      if (wanted !== "ANY" && wanted !== method) continue;
      const pathParameters = capture(pattern, segments);
      if (pathParameters === undefined) continue;
      return { route, ...(hasVariable(pattern) && { pathParameters }) };
    }
    return fallback === undefined ? undefined : { route: fallback };
  };
}

const METHODS = ["ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

function patternOf(route: Route): Pattern {
  const { routeKey } = route;
  const [method = "", path = "", ...rest] = routeKey.split(" ");
  if (!METHODS.includes(method) || !path.startsWith("/") || rest.length > 0) {
    throw new Error(`route "${routeKey}": expected $default, or one of ${METHODS.join(" ")} and a path`);
  }
  if (path !== "/" && path.endsWith("/"))
    throw new Error(`route "${routeKey}" ends in a slash, which API Gateway refuses`);
  const segments = path.split("/").slice(1).map(segmentOf);
  const misplaced = segments.slice(0, -1).some((segment) => "greedy" in segment && segment.greedy);
  if (misplaced) throw new Error(`route "${routeKey}": a greedy variable must be the last segment`);
  return { route, method, segments };
}

/**
 * To API Gateway routes that differ in the names of variables alone are one: the second gets 409
 * Conflict (seen by yulin).
 */
function refuseTwins(routes: Route[]): void {
  const known = new Map<string, string>();
  for (const { routeKey } of routes) {
    const shape = routeKey.replaceAll(/\{[^}+]+/g, "{");
    const twin = known.get(shape);
    if (twin !== undefined)
      throw new Error(`route "${routeKey}" is the same as "${twin}" to API Gateway, which refuses it`);
    known.set(shape, routeKey);
  }
}

function segmentOf(text: string): Segment {
  const variable = /^\{([\w.:-]+)(\+?)\}$/.exec(text);
  if (variable === null) return { literal: text };
  return { variable: variable[1] ?? "", greedy: variable[2] === "+" };
}

function capture(pattern: Segment[], segments: string[]): Record<string, string> | undefined {
  const last = pattern.at(-1);
  const greedy = last !== undefined && "greedy" in last && last.greedy;
  // `/a/{proxy+}` takes `/a/`, with nothing in the variable, but not `/a`.
  if (greedy ? segments.length < pattern.length : segments.length !== pattern.length) return undefined;
  const captured: Record<string, string> = {};
  for (const [index, segment] of pattern.entries()) {
    const text = segments[index] ?? "";
    if ("literal" in segment) {
      if (segment.literal !== text) return undefined;
    } else captured[segment.variable] = segment.greedy ? segments.slice(index).join("/") : text;
  }
  return captured;
}

/** Full matches before greedy ones, then literals from the left, then longer patterns, then methods before `ANY`. */
function bySpecificity(a: Pattern, b: Pattern): number {
  const greedy = Number(isGreedy(a)) - Number(isGreedy(b));
  if (greedy !== 0) return greedy;
  for (let index = 0; index < Math.max(a.segments.length, b.segments.length); index++) {
    const order = rank(a.segments[index]) - rank(b.segments[index]);
    if (order !== 0) return order;
  }
  return Number(a.method === "ANY") - Number(b.method === "ANY");
}

function rank(segment: Segment | undefined): number {
  if (segment === undefined) return 3;
  if ("literal" in segment) return 0;
  return segment.greedy ? 2 : 1;
}

function isGreedy({ segments }: Pattern): boolean {
  const last = segments.at(-1);
  return last !== undefined && "greedy" in last && last.greedy;
}

function hasVariable(pattern: Segment[]): boolean {
  return pattern.some((segment) => "variable" in segment);
}

/** A route as a line for people: its method, and its address below `url`. */
export function routeLine(routeKey: string, url: string): string {
  const [method = "", path = ""] = routeKey.split(" ");
  return `${method.padEnd(8)} ${url}${path}`;
}
