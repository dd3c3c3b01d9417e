/** Numbers that the figures are made of, in the order in which `Match` has them. */
export const NUMBERS = ["requestTimeEpoch", "status", "responseLatency", "responseLength"] as const;
/** Texts that they are made of. */
export const TEXTS = [
  "routeKey",
  "user",
  "client",
  "sourceIp",
  "userAgent",
  "authorizerError",
  "errorMessage",
] as const;

/** The values of one line. */
export interface Match {
  /** NaN for a number that the line does not have. */
  numbers: Float64Array;
  /** Where each text begins and ends in the line's bytes; -1 where there is none. */
  texts: Int32Array;
  /** Places of the texts that were known; -1 of the others. */
  places: Int32Array;
  /** Whether a quote follows each text, and none is in it. */
  isClean: boolean;
}

export function newMatch(isClean: boolean): Match {
  const numbers = new Float64Array(NUMBERS.length).fill(Number.NaN);
  return {
    numbers,
    texts: new Int32Array(2 * TEXTS.length).fill(-1),
    places: new Int32Array(TEXTS.length).fill(-1),
    isClean,
  };
}
