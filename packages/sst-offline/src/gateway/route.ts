import type { Route } from "./api";

export interface Match {
  route: Route;
  /** Decoded. Absent if the route has no variable. */
  pathParameters?: Record<string, string>;
}

interface Pattern {
  route: Route;
  method: string;
  segments: Segment[];
}
type Segment = { literal: string } | { variable: string; greedy: boolean };

/**
 * Compiles routes into a function that selects the route of a request by API Gateway's rules: a
 * full match first, then the longest `{proxy+}`, then `$default`. A literal segment goes before a
 * variable, and a method before `ANY`. Case and a slash at the end are significant.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html#http-api-develop-routes.evaluation
 *
 * @throws Error for routes that API Gateway rejects
 */
export function compileRoutes(routes: Route[]): (method: string, path: string) => Match | undefined {
  rejectDuplicates(routes);
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
    throw new Error(`route "${routeKey}" ends in a slash, which API Gateway rejects`);
  const segments = path.split("/").slice(1).map(segmentOf);
  const misplaced = segments.slice(0, -1).some((segment) => "greedy" in segment && segment.greedy);
  if (misplaced) throw new Error(`route "${routeKey}": a greedy variable must be the last segment`);
  return { route, method, segments };
}

/**
 * Throws an Error for routes that differ only in the names of variables. API Gateway responds to
 * the second one with 409 Conflict (observed by yulin).
 */
function rejectDuplicates(routes: Route[]): void {
  const routeKeys = new Map<string, string>();
  for (const { routeKey } of routes) {
    const shape = routeKey.replaceAll(/\{[^}+]+/g, "{");
    const first = routeKeys.get(shape);
    if (first !== undefined)
      throw new Error(`route "${routeKey}" is the same as "${first}" for API Gateway, which rejects it`);
    routeKeys.set(shape, routeKey);
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
  // `/a/{proxy+}` matches `/a/`, with an empty variable, but not `/a`.
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

/**
 * Sorts full matches first, then by literals from the left, longer patterns, and methods before
 * `ANY`.
 */
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

/** Formats a route for the terminal: its method and its URL. */
export function routeLine(routeKey: string, url: string): string {
  const [method = "", path = ""] = routeKey.split(" ");
  return `${method.padEnd(8)} ${url}${path}`;
}
