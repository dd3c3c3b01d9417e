import type { AccessLogEntry } from "../entry";
import { addRequest, type Group, mergeGroup, newGroup, statusClassOf } from "./group";
import { percentiles } from "./histogram";
import { createInterner, type Interner } from "./interner";
import { type Match, NUMBERS, newMatch, TEXTS } from "./match";
import type { Recent } from "./recent";
import type { AccessLogReport, CallerReport, RouteReport } from "./report";
import { createSeries } from "./series";

/** Rows of each table in the report. */
const MAX_ROWS = 20;
// Powers of two, as an interner requires.
const MAX_CALLERS = 16_384;
const MAX_ROUTES = 1024;
const MAX_REASONS = 1024;

type Figures = Omit<AccessLogReport, "lines" | "unparseable">;

/** Counts requests in constant memory. */
export interface Tally {
  /** Caches of known texts, by index in `TEXTS`. */
  recents: readonly Recent[];
  /** @param bytes the bytes that the offsets of `match` refer to */
  count(match: Match, bytes: Uint8Array, view: DataView): void;
  countEntry(entry: AccessLogEntry): void;
  report(): Figures;
}

/** Indexes of the texts in `TEXTS`. */
const [ROUTE, USER, CLIENT, ADDRESS, AGENT, AUTHORIZER_ERROR, ERROR_MESSAGE] = [0, 1, 2, 3, 4, 5, 6] as const;
/** Sorts after every name. */
const SORTS_LAST = "\uffff";
const REFUSAL_STATUSES = [401, 403, 429] as const;

export function createTally(): Tally {
  const routes = createRoutes();
  const series = createSeries();
  const callers = {
    user: createInterner(MAX_CALLERS, 2),
    client: createInterner(MAX_CALLERS, 2),
    address: createInterner(MAX_CALLERS, 2),
  };
  const agents = createInterner(MAX_CALLERS, 1);
  const reasons = createInterner(MAX_REASONS, 1 + REFUSAL_STATUSES.length);
  const interners = [routes.interner, callers.user, callers.client, callers.address, agents, reasons, reasons];
  const encoder = new TextEncoder();
  const unknownCaller = encoder.encode("unknown");
  const unknownCallerView = new DataView(unknownCaller.buffer);
  const entryMatch = newMatch(false);
  let responseBytes = 0;

  return { recents: interners.map(({ recent }) => recent), count, countEntry, report };

  function count(match: Match, bytes: Uint8Array, view: DataView): void {
    const { numbers, texts } = match;
    const status = numbers[1] as number;
    const latency = numbers[2] as number;
    responseBytes += (numbers[3] as number) || 0; // NaN if the format has no length
    const statusClass = statusClassOf(status);
    series.add(numbers[0] as number, statusClass, latency);
    const route = routes.groupAt(internText(ROUTE, match, bytes, view), (texts[2 * ROUTE] as number) >= 0);
    addRequest(route, statusClass, latency);
    countCaller(match, bytes, view, status);
    if ((texts[2 * AGENT] as number) >= 0) increment(agents, 0, internText(AGENT, match, bytes, view));
    if (status === 401 || status === 403 || status === 429) countRefusal(match, bytes, view, status);
  }

  /** Counts by user, else by machine client, else by address. */
  function countCaller(match: Match, bytes: Uint8Array, view: DataView, status: number): void {
    const text = callerText(match, bytes);
    const interner = interners[text] as Interner;
    const isMissing = (match.texts[2 * text] as number) < 0;
    const keyIndex = isMissing
      ? interner.intern(unknownCaller, unknownCallerView, 0, unknownCaller.length)
      : internText(text, match, bytes, view);
    increment(interner, 0, keyIndex);
    if (status >= 400) increment(interner, 1, keyIndex);
  }

  function countRefusal(match: Match, bytes: Uint8Array, view: DataView, status: 401 | 403 | 429): void {
    const text = (match.texts[2 * AUTHORIZER_ERROR] as number) < 0 ? ERROR_MESSAGE : AUTHORIZER_ERROR;
    const isMissing = (match.texts[2 * text] as number) < 0;
    const keyIndex = isMissing
      ? reasons.intern(unknownCaller, unknownCallerView, 0, 0)
      : internText(text, match, bytes, view);
    increment(reasons, 0, keyIndex);
    increment(reasons, 1 + REFUSAL_STATUSES.indexOf(status), keyIndex);
  }

  /**
   * Returns the index of a text in its interner; negative if the text is missing or there is no
   * room.
   */
  function internText(text: number, { texts, keyIndexes, isClean }: Match, bytes: Uint8Array, view: DataView): number {
    const from = texts[2 * text] as number;
    if (from < 0) return -1;
    const known = keyIndexes[text] as number;
    if (known >= 0) return known;
    const to = texts[2 * text + 1] as number;
    const interner = interners[text] as Interner;
    const keyIndex =
      text === ROUTE ? interner.internIfRoom(bytes, view, from, to) : interner.intern(bytes, view, from, to);
    if (isClean && keyIndex >= 0) interner.recent.add(bytes, view, from, to, keyIndex);
    return keyIndex;
  }

  function countEntry(entry: AccessLogEntry): void {
    for (const [index, name] of NUMBERS.entries()) entryMatch.numbers[index] = entry[name] ?? Number.NaN;
    const texts = TEXTS.map((name) => (entry[name] === undefined ? undefined : encoder.encode(entry[name])));
    const bytes = new Uint8Array(texts.reduce((sum, text) => sum + (text?.length ?? 0), 0));
    let at = 0;
    for (const [index, text] of texts.entries()) {
      entryMatch.texts[2 * index] = text === undefined ? -1 : at;
      if (text === undefined) continue;
      bytes.set(text, at);
      at += text.length;
      entryMatch.texts[2 * index + 1] = at;
    }
    count(entryMatch, bytes, new DataView(bytes.buffer));
  }

  function report(): Figures {
    const routeReports = routes.report();
    const all = routes.all();
    const named = Object.entries(callers).flatMap(([kind, interner]) => {
      return keysOf(interner).map(({ key, counts: [requests = 0, errors = 0] }) => {
        return { kind: kind as CallerReport["kind"], id: key, requests, errors };
      });
    });
    const refused = keysOf(reasons).flatMap(({ key, counts }) => {
      return REFUSAL_STATUSES.map((status, index) => ({
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
      routes: takeTop(routeReports, byRequests, ({ routeKey = SORTS_LAST }) => routeKey),
      slowest: takeTop(
        routeReports.filter(({ latency }) => latency !== undefined),
        ({ latency: a }, { latency: b }) => (b?.p99 ?? 0) - (a?.p99 ?? 0),
        ({ routeKey = SORTS_LAST }) => routeKey,
      ),
      callers: takeTop(named, byRequests, ({ kind, id }) => `${id} ${kind}`),
      agents: takeTop(
        keysOf(agents).map(({ key, counts: [requests = 0] }) => ({ userAgent: key, requests })),
        byRequests,
        ({ userAgent }) => userAgent,
      ),
      refusals: takeTop(
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
 * Returns the index of the text that identifies the caller. If `user` equals `client`, the caller
 * is a machine client: Cognito sets `sub` to the client's id.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html
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

/** @param keyIndex negative for a key that is not counted */
function increment({ counts }: Interner, figure: number, keyIndex: number): void {
  if (keyIndex < 0) return;
  ((counts[figure] as Float64Array)[keyIndex] as number)++;
}

/** Creates the figures by route. Routes beyond the first 1,024 are counted together. */
function createRoutes() {
  const interner = createInterner(MAX_ROUTES, 0);
  const groups: Group[] = [];
  const none = newGroup();
  const others = newGroup();
  return {
    interner,
    /** @param keyIndex negative if there is no route key, or no room for it */
    groupAt(keyIndex: number, hasKey: boolean): Group {
      if (keyIndex < 0) return hasKey ? others : none;
      let group = groups[keyIndex];
      if (group === undefined) {
        group = newGroup();
        groups[keyIndex] = group;
      }
      return group;
    },
    isFull: () => others.requests > 0,
    all(): Group {
      return mergeGroups(none, others, ...groups);
    },
    report(): RouteReport[] {
      const named = new Map<string | undefined, Group>([
        [undefined, none],
        ["(other routes)", others],
      ]);
      for (const [keyIndex, key] of interner.keys().entries()) {
        const group = groups[keyIndex] ?? newGroup();
        const same = named.get(key); // different invalid UTF-8 decodes to the same text
        if (same === undefined) named.set(key, group);
        else named.set(key, mergeGroups(same, group));
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

function mergeGroups(...groups: Group[]): Group {
  const all = newGroup();
  for (const group of groups) mergeGroup(all, group);
  return all;
}

/** Returns the counts by decoded key. Different invalid UTF-8 decodes to the same text. */
function keysOf({ keys, counts }: Interner): { key: string; counts: number[] }[] {
  const found = new Map<string, { key: string; counts: number[] }>();
  for (const [keyIndex, key] of keys().entries()) {
    const figures = counts.map((figure) => figure[keyIndex] ?? 0);
    const known = found.get(key);
    if (known === undefined) found.set(key, { key, counts: figures });
    else known.counts = known.counts.map((figure, index) => figure + (figures[index] ?? 0));
  }
  return [...found.values()];
}

function byRequests(a: { requests: number }, b: { requests: number }): number {
  return b.requests - a.requests;
}

/** Returns the first items in this order. Equal items are ordered by name. */
function takeTop<T>(items: T[], compare: (a: T, b: T) => number, nameOf: (item: T) => string): T[] {
  const order = (a: T, b: T) => compare(a, b) || (nameOf(a) < nameOf(b) ? -1 : 1);
  return items.toSorted(order).slice(0, MAX_ROWS);
}
