import { ApiError } from "./problem";

/** Milliseconds. The slowest function of the API has 15 s. */
const LIMIT_MS = 20_000;

/**
 * Does work that listens to a signal, and gives up when it takes too long: a request whose network
 * is gone would stay open
 * for minutes.
 *
 * @param signal the caller's own, whose abort is thrown as it is
 */
export async function inTime<T>(
  work: (signal: AbortSignal) => Promise<T>,
  signal?: AbortSignal,
  milliseconds = LIMIT_MS,
): Promise<T> {
  const timeout = AbortSignal.timeout(milliseconds);
  try {
    return await work(signal === undefined ? timeout : AbortSignal.any([signal, timeout]));
  } catch (error) {
    if (!timeout.aborted || signal?.aborted) throw error;
    throw new ApiError("gateway", `There was no answer within ${milliseconds / 1000} seconds.`);
  }
}
