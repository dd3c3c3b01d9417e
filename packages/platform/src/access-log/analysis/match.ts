/** Number fields that are analysed, in the order of `Match.numbers`. */
export const NUMBERS = ["requestTimeEpoch", "status", "responseLatency", "responseLength"] as const;
/** Text fields that are analysed, in the order of `Match.texts`. */
export const TEXTS = [
  "routeKey",
  "user",
  "client",
  "sourceIp",
  "userAgent",
  "authorizerError",
  "errorMessage",
] as const;

/** The values of one line. Reused for every line, to avoid allocations. */
export interface Match {
  /** NaN for a missing number. */
  numbers: Float64Array;
  /** Start and end of each text, as offsets in the line's bytes; -1 for a missing text. */
  texts: Int32Array;
  /** Index of each text in its interner, or -1 if it is not known yet. */
  keyIndexes: Int32Array;
  /** True if a quote ends each text and no text contains a quote or an escape. */
  isClean: boolean;
}

export function newMatch(isClean: boolean): Match {
  const numbers = new Float64Array(NUMBERS.length).fill(Number.NaN);
  return {
    numbers,
    texts: new Int32Array(2 * TEXTS.length).fill(-1),
    keyIndexes: new Int32Array(TEXTS.length).fill(-1),
    isClean,
  };
}
