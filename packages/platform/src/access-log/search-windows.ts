import { AppError } from "../error";

const MINUTE_MS = 60_000;

/** A log event. */
export interface LogLine {
  /** Epoch milliseconds. */
  timestamp: number;
  message: string;
}

export interface LogPage {
  lines: LogLine[];
  /** Present if there may be more pages, even if this page is empty. */
  token?: string;
}

/**
 * Reads a page of matching lines from `from` to before `to` (epoch milliseconds), oldest first.
 * Returns "busy" if CloudWatch Logs throttles the request. Throws an `AppError` of kind
 * `unavailable` if CloudWatch Logs does not respond.
 */
export type ReadPage = (request: {
  from: number;
  to: number;
  pattern?: string;
  token?: string;
}) => Promise<LogPage | "busy">;

/** Progress of a search: everything from `end` on is read. The next window has `size` ms. */
export interface Position {
  end: number;
  size: number;
}

export interface Windows extends Position {
  /** Newest first. */
  lines: LogLine[];
  /** The failure that ended the search early. */
  failure?: "busy" | AppError;
}

export const FIRST_WINDOW_MS = 5 * MINUTE_MS;
export const MAX_WINDOW_MS = 7 * 24 * 60 * MINUTE_MS;
const WINDOW_FACTOR = 4;

/** Lines of a response. It has more only if several lines share the last one's millisecond. */
const MAX_LINES = 200;
/** A window with more lines or pages is too large. */
const MAX_WINDOW_LINES = 2_000;
const MAX_WINDOW_PAGES = 5;
const MAX_CALLS = 25;
/** No call starts after this time. */
const SEARCH_BUDGET_MS = 4_000;

/**
 * Reads backward from a position to `from`, window by window, because CloudWatch Logs only reads
 * forward. A window grows fourfold after a window with few lines. If it is too large, its lines are
 * dropped and it shrinks fourfold. Stops after 200 lines, 25 calls or 4 s.
 */
export async function readBackward(
  readPage: ReadPage,
  from: number,
  position: Position,
  pattern: string | undefined,
  clock: () => number,
): Promise<Windows> {
  const deadline = clock() + SEARCH_BUDGET_MS;
  const progress: { calls: number; failure?: "busy" | AppError } = { calls: 0 };
  const canContinue = () => progress.failure === undefined && progress.calls < MAX_CALLS && clock() < deadline;
  let { end, size } = position;
  const lines: LogLine[] = [];
  while (end > from && lines.length < MAX_LINES && canContinue()) {
    const start = Math.max(from, end - size);
    const window = await readWindow(start, end);
    if (window === undefined) {
      size = Math.max(1, Math.floor((end - start) / WINDOW_FACTOR));
      continue;
    }
    lines.push(...window.toReversed());
    end = start;
    if (window.length < MAX_LINES / WINDOW_FACTOR) size = Math.min(size * WINDOW_FACTOR, MAX_WINDOW_MS);
  }
  return { ...limitLines(lines, end), size, ...(progress.failure !== undefined && { failure: progress.failure }) };

  /** Returns the lines of a window, oldest first, or undefined if it could not read all of them. */
  async function readWindow(start: number, end: number): Promise<LogLine[] | undefined> {
    const found: LogLine[] = [];
    const isDivisible = end - start > 1;
    let token: string | undefined;
    for (let pages = 0; pages === 0 || token !== undefined; pages++) {
      if (!canContinue() || (isDivisible && (pages === MAX_WINDOW_PAGES || found.length > MAX_WINDOW_LINES)))
        return undefined;
      progress.calls += 1;
      const page = await readPage({
        from: start,
        to: end,
        ...(pattern !== undefined && { pattern }),
        ...(token !== undefined && { token }),
      }).catch(failureOf);
      if (page === "busy" || page instanceof AppError) {
        progress.failure = page;
        return undefined;
      }
      found.push(...page.lines);
      token = page.token;
    }
    return found;
  }
}

/** Returns an `AppError`, and throws any other error. */
export function failureOf(error: unknown): AppError {
  if (error instanceof AppError) return error;
  throw error;
}

/**
 * Limits the lines to `MAX_LINES`, but keeps all lines of the last millisecond, so that the next
 * page can begin before it.
 */
function limitLines(lines: LogLine[], end: number): { lines: LogLine[]; end: number } {
  const last = lines[MAX_LINES - 1];
  if (last === undefined || lines.length === MAX_LINES) return { lines, end };
  return { lines: lines.filter(({ timestamp }) => timestamp >= last.timestamp), end: last.timestamp };
}
