import { oneLine } from "./printable";
import { fit, type Paint } from "./screen";

/** A request as a terminal shows it. */
export interface RequestRow {
  /** Formatted; the same length for all rows. */
  time: string;
  status: number;
  method: string;
  /** Path, with or without a query string. */
  target: string;
  latencyMs: number | undefined;
  requestId: string;
  caller?: string | undefined;
  /** Why the request failed. */
  reason?: string | undefined;
}

export interface RowOptions {
  /** In characters. */
  width: number;
  paint: Paint;
}

const METHOD_CHARACTERS = 7;
const LATENCY_CHARACTERS = 7;
const REQUEST_ID_CHARACTERS = 16;
/** Smallest width that also shows request ids. */
const WIDE = 110;

/**
 * Formats a request in columns: time, status, method, path, latency, on a wide terminal the request
 * id, then the caller or the reason of a failure. A reason that does not fit, or comes with a
 * caller, follows on a second line.
 */
export function formatRequest(row: RequestRow, { width, paint }: RowOptions): string {
  const { time, status, method, target, latencyMs, requestId, caller, reason } = row;
  const indent = time.length + 1 + 3 + 1 + METHOD_CHARACTERS + 1;
  const isWide = width >= WIDE;
  const flexible = width - indent - 1 - LATENCY_CHARACTERS - 2 - (isWide ? REQUEST_ID_CHARACTERS + 2 : 0);
  const pathCharacters = Math.ceil(flexible * 0.6);
  const tailCharacters = flexible - pathCharacters;
  const colour = status >= 500 ? paint.red : status >= 400 ? paint.yellow : paint.green;
  const words = [
    paint.dim(time),
    colour(String(status)),
    oneLine(method).padEnd(METHOD_CHARACTERS),
    fit(oneLine(target), pathCharacters).padEnd(pathCharacters),
    paint.dim(durationText(latencyMs).padStart(LATENCY_CHARACTERS)),
    ...(isWide ? ["", paint.dim(oneLine(requestId).padEnd(REQUEST_ID_CHARACTERS))] : []),
  ];
  const head = words.join(" ");
  const why = reason === undefined ? undefined : oneLine(reason);
  if (!caller && why !== undefined && why.length <= tailCharacters) return `${head}  ${colour(why)}`;
  const first = caller ? `${head}  ${paint.dim(fit(oneLine(caller), tailCharacters))}` : head;
  return why === undefined ? first : `${first}\n${" ".repeat(indent)}${colour(fit(why, width - indent))}`;
}

function durationText(milliseconds: number | undefined): string {
  if (milliseconds === undefined) return "-";
  return milliseconds < 10_000 ? `${milliseconds} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}
