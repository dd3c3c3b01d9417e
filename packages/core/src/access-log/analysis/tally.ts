import type { AccessLogEntry } from "../entry";
import { type Match, NUMBERS, newMatch, TEXTS } from "./frame";
import { addValue, type Histogram, newHistogram, percentiles } from "./histogram";
import { createInterner, type Interner } from "./interner";
import type { AccessLogReport, CallerReport, RouteReport, StatusClasses } from "./report";
import { countStatus, createSeries } from "./series";

const TOP = 20;
const CALLERS = 16_384;
const ROUTES = 1024;
const REASONS = 1024;

interface Group {
  requests: number;
  statusClasses: StatusClasses;
  latency: Histogram;
}

type Figures = Omit<AccessLogReport, "lines" | "unparseable">;

/** Counts requests. What it keeps does not grow with their number. */
export interface Tally {
  /** @param bytes where the texts of the match are */
  count(match: Match, bytes: Uint8Array, view: DataView): void;
  countEntry(entry: AccessLogEntry): void;
  report(): Figures;
}

/** Where the texts of `TEXTS` are in a match. */
const [ROUTE, USER, CLIENT, ADDRESS, AGENT, AUTHORIZER_ERROR, ERROR_MESSAGE] = [0, 2, 4, 6, 8, 10, 12] as const;

export function createTally(): Tally {
  const all = newGroup();
  const routes = createRoutes();
  const series = createSeries();
  const callers = { user: createInterner(CALLERS), client: createInterner(CALLERS), address: createInterner(CALLERS) };
  const agents = createInterner(CALLERS);
  const refusals = { 401: createInterner(REASONS), 403: createInterner(REASONS), 429: createInterner(REASONS) };
  const encoder = new TextEncoder();
  const unknown = encoder.encode("unknown");
  const unknownView = new DataView(unknown.buffer);
  const scratch = newMatch();
  let responseBytes = 0;

  return { count, countEntry, report };

  function count({ numbers, texts }: Match, bytes: Uint8Array, view: DataView): void {
    const time = numbers[0] as number;
    const status = numbers[1] as number;
    const latency = numbers[2] as number;
    responseBytes += numbers[3] as number;
    countRequest(all, status, latency);
    series.add(time, status, latency);
    countRequest(routes.groupOf(bytes, view, texts[ROUTE] as number, texts[ROUTE + 1] as number), status, latency);
    countCaller(texts, bytes, view, status);
    const agent = texts[AGENT] as number;
    if (agent >= 0) (agents.counts[agents.place(bytes, view, agent, texts[AGENT + 1] as number)] as number)++;
    if (status === 401 || status === 403 || status === 429) countRefusal(texts, bytes, view, status);
  }

  /** By user, else by client, else by address. */
  function countCaller(texts: Int32Array, bytes: Uint8Array, view: DataView, status: number): void {
    const text = (texts[USER] as number) >= 0 ? USER : (texts[CLIENT] as number) >= 0 ? CLIENT : ADDRESS;
    const kind = text === USER ? callers.user : text === CLIENT ? callers.client : callers.address;
    const from = texts[text] as number;
    const place =
      from < 0
        ? kind.place(unknown, unknownView, 0, unknown.length)
        : kind.place(bytes, view, from, texts[text + 1] as number);
    (kind.counts[place] as number)++;
    if (status >= 400) (kind.errors[place] as number)++;
  }

  function countRefusal(texts: Int32Array, bytes: Uint8Array, view: DataView, status: 401 | 403 | 429): void {
    const text = (texts[AUTHORIZER_ERROR] as number) < 0 ? ERROR_MESSAGE : AUTHORIZER_ERROR;
    const from = texts[text] as number;
    const reasons = refusals[status];
    const place =
      from < 0
        ? reasons.place(unknown, unknownView, 0, 0)
        : reasons.place(bytes, view, from, texts[text + 1] as number);
    (reasons.counts[place] as number)++;
  }

  function countEntry(entry: AccessLogEntry): void {
    for (const [index, name] of NUMBERS.entries()) scratch.numbers[index] = entry[name];
    const texts = TEXTS.map((name) => (entry[name] === undefined ? undefined : encoder.encode(entry[name])));
    const bytes = new Uint8Array(texts.reduce((sum, text) => sum + (text?.length ?? 0), 0));
    let at = 0;
    for (const [index, text] of texts.entries()) {
      scratch.texts[2 * index] = text === undefined ? -1 : at;
      if (text === undefined) continue;
      bytes.set(text, at);
      at += text.length;
      scratch.texts[2 * index + 1] = at;
    }
    count(scratch, bytes, new DataView(bytes.buffer));
  }

  function report(): Figures {
    const ofRoutes = routes.report();
    const named = Object.entries(callers).flatMap(([kind, interner]) => {
      return keysOf(interner).map(({ key, ...counts }) => ({ kind: kind as CallerReport["kind"], id: key, ...counts }));
    });
    const refused = ([401, 403, 429] as const).flatMap((status) => {
      return keysOf(refusals[status]).map(({ key, requests }) => ({
        status,
        reason: key || "no reason logged",
        requests,
      }));
    });
    const approximate: AccessLogReport["approximate"] = [];
    if (routes.isFull()) approximate.push("routes");
    if (Object.values(callers).some(({ isLossy }) => isLossy)) approximate.push("callers");
    if (agents.isLossy) approximate.push("agents");
    if (Object.values(refusals).some(({ isLossy }) => isLossy)) approximate.push("refusals");
    if (all.latency.isRounded || routes.isRounded() || series.isRounded()) approximate.push("latency");
    return {
      requests: all.requests,
      ...(all.requests > 0 && { ...series.range(), latency: percentiles(all.latency) }),
      responseBytes,
      statusClasses: all.statusClasses,
      routes: top(ofRoutes, byRequests, ({ routeKey = "" }) => routeKey),
      slowest: top(
        ofRoutes,
        ({ latency: a }, { latency: b }) => b.p99 - a.p99,
        ({ routeKey = "" }) => routeKey,
      ),
      callers: top(named, byRequests, ({ kind, id }) => `${id} ${kind}`),
      agents: top(
        keysOf(agents).map(({ key, requests }) => ({ userAgent: key, requests })),
        byRequests,
        ({ userAgent }) => userAgent,
      ),
      refusals: top(refused, byRequests, ({ status, reason }) => `${status} ${reason}`),
      series: series.report(),
      approximate,
    };
  }
}

function newGroup(): Group {
  return { requests: 0, statusClasses: [0, 0, 0, 0, 0], latency: newHistogram() };
}

function countRequest(group: Group, status: number, latency: number): void {
  group.requests++;
  countStatus(group.statusClasses, status);
  addValue(group.latency, latency);
}

/** Figures by route. An API has at most 300: beyond 1,000 they are counted together. */
function createRoutes() {
  const interner = createInterner(ROUTES);
  const groups: Group[] = [];
  const none = newGroup();
  const others = newGroup();
  return {
    groupOf(bytes: Uint8Array, view: DataView, from: number, to: number): Group {
      if (from < 0) return none;
      const place = interner.placeOf(bytes, view, from, to);
      if (place < 0) return others;
      let group = groups[place];
      if (group === undefined) {
        group = newGroup();
        groups[place] = group;
      }
      return group;
    },
    isFull: () => others.requests > 0,
    isRounded: () => [none, others, ...groups].some(({ latency }) => latency.isRounded),
    report(): RouteReport[] {
      const summaries = new Map<string | undefined, RouteReport>();
      const keys: [string | undefined, Group][] = interner
        .keys()
        .map((key, place) => [key, groups[place] ?? newGroup()]);
      for (const [routeKey, group] of [...keys, [undefined, none] as const, ["(other routes)", others] as const]) {
        const { requests, statusClasses, latency } = group;
        if (requests > 0) {
          summaries.set(routeKey, {
            ...(routeKey !== undefined && { routeKey }),
            requests,
            statusClasses,
            latency: percentiles(latency),
          });
        }
      }
      return [...summaries.values()];
    },
  };
}

/** By text: bytes that are no UTF-8 may read the same. */
function keysOf(interner: Interner): { key: string; requests: number; errors: number }[] {
  const found = new Map<string, { key: string; requests: number; errors: number }>();
  for (const [place, key] of interner.keys().entries()) {
    const [requests = 0, errors = 0] = [interner.counts[place], interner.errors[place]];
    if (requests === 0) continue;
    const known = found.get(key);
    if (known === undefined) found.set(key, { key, requests, errors });
    else {
      known.requests += requests;
      known.errors += errors;
    }
  }
  return [...found.values()];
}

function byRequests(a: { requests: number }, b: { requests: number }): number {
  return b.requests - a.requests;
}

/** The first of them; those that are equal by their names. */
function top<T>(items: T[], compare: (a: T, b: T) => number, nameOf: (item: T) => string): T[] {
  const order = (a: T, b: T) => compare(a, b) || (nameOf(a) < nameOf(b) ? -1 : 1);
  return items.toSorted(order).slice(0, TOP);
}
