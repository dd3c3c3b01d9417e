import { AppError } from "../error";

const MINUTE = 60_000;

/** One line of the log group. */
export interface LogLine {
  /** Epoch milliseconds. */
  timestamp: number;
  message: string;
}

export interface LogPage {
  lines: LogLine[];
  /** There may be more, also where this page has nothing. */
  token?: string;
}

/**
 * Reads lines of a log from `from` to before `to` (epoch milliseconds) that match, oldest first. Returns "busy" if
 * CloudWatch Logs throttles, and throws an `AppError` of kind `unavailable` if it does not answer.
 */
export type ReadPage = (request: {
  from: number;
  to: number;
  pattern?: string;
  token?: string;
}) => Promise<LogPage | "busy">;

/** Where a search is: everything from `end` on has been read, the next window is `size` milliseconds. */
export interface Position {
  end: number;
  size: number;
}

export interface Windows extends Position {
  /** Newest first. */
  lines: LogLine[];
  /** What ended the search before it had read everything or enough. */
  failure?: "busy" | AppError;
}

export const FIRST_WINDOW = 5 * MINUTE;
export const LARGEST_WINDOW = 7 * 24 * 60 * MINUTE;
const FACTOR = 4;

/** As many lines are enough: an answer has at most these, and those of the same millisecond as the last. */
export const ENOUGH = 200;
/** A window with more lines is too large; so is one that takes more pages. */
const FULL = 2_000;
const PAGES = 5;
const CALLS = 25;
/** Milliseconds; no call begins after it. */
const TIME = 4_000;

/**
 * Reads backward from a position to `from`, window by window, since CloudWatch Logs reads forward
 * alone. A window grows fourfold
 * after one with little in it, and shrinks as much where it is too large; what was read of it then
 * is thrown away. Ends with enough
 * lines, after 25 calls or 4 s.
 */
export async function readBackward(
  readPage: ReadPage,
  from: number,
  position: Position,
  pattern: string | undefined,
  clock: () => number,
): Promise<Windows> {
  const deadline = clock() + TIME;
  const spent: { calls: number; failure?: "busy" | AppError } = { calls: 0 };
  const mayGoOn = () => spent.failure === undefined && spent.calls < CALLS && clock() < deadline;
  let { end, size } = position;
  const lines: LogLine[] = [];
  while (end > from && lines.length < ENOUGH && mayGoOn()) {
    const start = Math.max(from, end - size);
    const window = await readWindow(start, end);
    if (window === undefined) {
      size = Math.max(1, Math.floor((end - start) / FACTOR));
      continue;
    }
    lines.push(...window.toReversed());
    end = start;
    if (window.length < ENOUGH / FACTOR) size = Math.min(size * FACTOR, LARGEST_WINDOW);
  }
  return { ...cut(lines, end), size, ...(spent.failure !== undefined && { failure: spent.failure }) };

  /** The lines of a window, oldest first; undefined where they were not read to the end. */
  async function readWindow(start: number, end: number): Promise<LogLine[] | undefined> {
    const found: LogLine[] = [];
    const divisible = end - start > 1;
    let token: string | undefined;
    for (let pages = 0; pages === 0 || token !== undefined; pages++) {
      if (!mayGoOn() || (divisible && (pages === PAGES || found.length > FULL))) return undefined;
      spent.calls += 1;
      const page = await readPage({
        from: start,
        to: end,
        ...(pattern !== undefined && { pattern }),
        ...(token !== undefined && { token }),
      }).catch(failureOf);
      if (page === "busy" || page instanceof AppError) {
        spent.failure = page;
        return undefined;
      }
      found.push(...page.lines);
      token = page.token;
    }
    return found;
  }
}

/** Returns the error if the service could not answer; throws any other error. */
export function failureOf(error: unknown): AppError {
  if (error instanceof AppError) return error;
  throw error;
}

/** No more lines than enough, but all of the millisecond where they end, so that the next page can begin before it. */
function cut(lines: LogLine[], end: number): { lines: LogLine[]; end: number } {
  const last = lines[ENOUGH - 1];
  if (last === undefined || lines.length === ENOUGH) return { lines, end };
  return { lines: lines.filter(({ timestamp }) => timestamp >= last.timestamp), end: last.timestamp };
}
