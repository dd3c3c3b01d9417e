import type { AccessLogEntry } from "../entry";
import { addRequest, type Group, mergeGroup, newGroup, statusClassOf } from "./group";
import { percentiles } from "./histogram";
import { createInterner, type Interner } from "./interner";
import { type Match, NUMBERS, newMatch, TEXTS } from "./match";
import type { Recent } from "./recent";
import type { AccessLogReport, CallerReport, RouteReport } from "./report";
import { createSeries } from "./series";

const TOP = 20;
const CALLERS = 16_384;
const ROUTES = 1024;
const REASONS = 1024;

type Figures = Omit<AccessLogReport, "lines" | "unparseable">;

/** Counts requests. What it keeps does not grow with their number. */
export interface Tally {
  /** By text of `TEXTS`: what a frame finds known texts in. */
  recents: readonly Recent[];
  /** @param bytes where the texts of the match are */
  count(match: Match, bytes: Uint8Array, view: DataView): void;
  countEntry(entry: AccessLogEntry): void;
  report(): Figures;
}

/** Places of the texts of `TEXTS`. */
const [ROUTE, USER, CLIENT, ADDRESS, AGENT, AUTHORIZER_ERROR, ERROR_MESSAGE] = [0, 1, 2, 3, 4, 5, 6] as const;
/** Behind every name. */
const LAST = "\uffff";
const REFUSED = [401, 403, 429] as const;

export function createTally(): Tally {
  const routes = createRoutes();
  const series = createSeries();
  const callers = {
    user: createInterner(CALLERS, 2),
    client: createInterner(CALLERS, 2),
    address: createInterner(CALLERS, 2),
  };
  const agents = createInterner(CALLERS, 1);
  const reasons = createInterner(REASONS, 1 + REFUSED.length);
  const interners = [routes.interner, callers.user, callers.client, callers.address, agents, reasons, reasons];
  const encoder = new TextEncoder();
  const unknown = encoder.encode("unknown");
  const unknownView = new DataView(unknown.buffer);
  const scratch = newMatch(false);
  let responseBytes = 0;

  return { recents: interners.map(({ recent }) => recent), count, countEntry, report };

  function count(match: Match, bytes: Uint8Array, view: DataView): void {
    const { numbers, texts } = match;
    const status = numbers[1] as number;
    const latency = numbers[2] as number;
    responseBytes += (numbers[3] as number) || 0; // NaN in a format without it
    const statusClass = statusClassOf(status);
    series.add(numbers[0] as number, statusClass, latency);
    const route = routes.groupAt(placeOf(ROUTE, match, bytes, view), (texts[2 * ROUTE] as number) >= 0);
    addRequest(route, statusClass, latency);
    countCaller(match, bytes, view, status);
    if ((texts[2 * AGENT] as number) >= 0) add(agents, 0, placeOf(AGENT, match, bytes, view));
    if (status === 401 || status === 403 || status === 429) countRefusal(match, bytes, view, status);
  }

  /** By person, else by machine client, else by address. */
  function countCaller(match: Match, bytes: Uint8Array, view: DataView, status: number): void {
    const text = callerText(match, bytes);
    const interner = interners[text] as Interner;
    const isUnknown = (match.texts[2 * text] as number) < 0;
    const place = isUnknown
      ? interner.place(unknown, unknownView, 0, unknown.length)
      : placeOf(text, match, bytes, view);
    add(interner, 0, place);
    if (status >= 400) add(interner, 1, place);
  }

  function countRefusal(match: Match, bytes: Uint8Array, view: DataView, status: 401 | 403 | 429): void {
    const text = (match.texts[2 * AUTHORIZER_ERROR] as number) < 0 ? ERROR_MESSAGE : AUTHORIZER_ERROR;
    const isUnknown = (match.texts[2 * text] as number) < 0;
    const place = isUnknown ? reasons.place(unknown, unknownView, 0, 0) : placeOf(text, match, bytes, view);
    add(reasons, 0, place);
    add(reasons, 1 + REFUSED.indexOf(status), place);
  }

  /** Of a text of the match in its interner; negative where it has none, or where that has no room. */
  function placeOf(text: number, { texts, places, isClean }: Match, bytes: Uint8Array, view: DataView): number {
    const from = texts[2 * text] as number;
    if (from < 0) return -1;
    const known = places[text] as number;
    if (known >= 0) return known;
    const to = texts[2 * text + 1] as number;
    const interner = interners[text] as Interner;
    const place = text === ROUTE ? interner.placeOf(bytes, view, from, to) : interner.place(bytes, view, from, to);
    if (isClean && place >= 0) interner.recent.add(bytes, view, from, to, place);
    return place;
  }

  function countEntry(entry: AccessLogEntry): void {
    for (const [index, name] of NUMBERS.entries()) scratch.numbers[index] = entry[name] ?? Number.NaN;
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
    const all = routes.all();
    const named = Object.entries(callers).flatMap(([kind, interner]) => {
      return keysOf(interner).map(({ key, counts: [requests = 0, errors = 0] }) => {
        return { kind: kind as CallerReport["kind"], id: key, requests, errors };
      });
    });
    const refused = keysOf(reasons).flatMap(({ key, counts }) => {
      return REFUSED.map((status, index) => ({
        status,
        reason: key || "no reason logged",
        requests: counts[1 + index] ?? 0,
      }));
    });
    const approximate: AccessLogReport["approximate"] = [];
    if (routes.isFull()) approximate.push("routes");
    if (Object.values(callers).some(({ isLossy }) => isLossy)) approximate.push("callers");
    if (agents.isLossy) approximate.push("agents");
    if (reasons.isLossy) approximate.push("refusals");
    if (all.latency.isRounded || series.isRounded()) approximate.push("latency");
    const latency = percentiles(all.latency);
    const withoutLatency = all.requests - all.latency.count;
    return {
      requests: all.requests,
      ...(all.requests > 0 && series.range()),
      ...(latency !== undefined && { latency }),
      ...(withoutLatency > 0 && { withoutLatency }),
      responseBytes,
      statusClasses: all.statusClasses,
      routes: top(ofRoutes, byRequests, ({ routeKey = LAST }) => routeKey),
      slowest: top(
        ofRoutes.filter(({ latency }) => latency !== undefined),
        ({ latency: a }, { latency: b }) => (b?.p99 ?? 0) - (a?.p99 ?? 0),
        ({ routeKey = LAST }) => routeKey,
      ),
      callers: top(named, byRequests, ({ kind, id }) => `${id} ${kind}`),
      agents: top(
        keysOf(agents).map(({ key, counts: [requests = 0] }) => ({ userAgent: key, requests })),
        byRequests,
        ({ userAgent }) => userAgent,
      ),
      refusals: top(
        refused.filter(({ requests }) => requests > 0),
        byRequests,
        ({ status, reason }) => `${status} ${reason}`,
      ),
      series: series.report(),
      approximate,
    };
  }
}

/**
 * Which text names the caller. Cognito's token for a machine client has the client's id as `sub`, a
 * person's has a `sub`
 * of its own: https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html
 */
function callerText({ texts }: Match, bytes: Uint8Array): typeof USER | typeof CLIENT | typeof ADDRESS {
  const user = texts[2 * USER] as number;
  const client = texts[2 * CLIENT] as number;
  if (user < 0) return client < 0 ? ADDRESS : CLIENT;
  const length = (texts[2 * USER + 1] as number) - user;
  if (client < 0 || (texts[2 * CLIENT + 1] as number) - client !== length) return USER;
  for (let at = 0; at < length; at++) if (bytes[user + at] !== bytes[client + at]) return USER;
  return CLIENT;
}

/** @param place of a key; negative for one that is not counted */
function add({ counts }: Interner, figure: number, place: number): void {
  if (place < 0) return;
  ((counts[figure] as Float64Array)[place] as number)++;
}

/** Figures by route. An API has at most 300: beyond 1,000 they are counted together. */
function createRoutes() {
  const interner = createInterner(ROUTES, 0);
  const groups: Group[] = [];
  const none = newGroup();
  const others = newGroup();
  return {
    interner,
    /** @param place of its key in the interner; -1 where it has no key or the interner no room */
    groupAt(place: number, hasKey: boolean): Group {
      if (place < 0) return hasKey ? others : none;
      let group = groups[place];
      if (group === undefined) {
        group = newGroup();
        groups[place] = group;
      }
      return group;
    },
    isFull: () => others.requests > 0,
    all(): Group {
      return merged(none, others, ...groups);
    },
    report(): RouteReport[] {
      const named = new Map<string | undefined, Group>([
        [undefined, none],
        ["(other routes)", others],
      ]);
      for (const [place, key] of interner.keys().entries()) {
        const group = groups[place] ?? newGroup();
        const same = named.get(key); // bytes that are no UTF-8 may read the same
        if (same === undefined) named.set(key, group);
        else named.set(key, merged(same, group));
      }
      return [...named].flatMap(([routeKey, { requests, statusClasses, latency: histogram }]) => {
        if (requests === 0) return [];
        const latency = percentiles(histogram);
        const name = routeKey !== undefined && { routeKey };
        return [{ ...name, requests, statusClasses, ...(latency !== undefined && { latency }) }];
      });
    },
  };
}

function merged(...groups: Group[]): Group {
  const all = newGroup();
  for (const group of groups) mergeGroup(all, group);
  return all;
}

/** By text: bytes that are no UTF-8 may read the same. */
function keysOf({ keys, counts }: Interner): { key: string; counts: number[] }[] {
  const found = new Map<string, { key: string; counts: number[] }>();
  for (const [place, key] of keys().entries()) {
    const figures = counts.map((figure) => figure[place] ?? 0);
    const known = found.get(key);
    if (known === undefined) found.set(key, { key, counts: figures });
    else known.counts = known.counts.map((figure, index) => figure + (figures[index] ?? 0));
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
