import type { Target } from "../target";

/** Configuration that every SDK client of a command gets: offline and AWS differ here and nowhere else. */
export function clientConfig({ region, endpoint }: Target) {
  return {
    ...(region !== undefined && { region }),
    ...(endpoint !== undefined && { endpoint, credentials: { accessKeyId: "offline", secretAccessKey: "offline" } }),
    // FilterLogEvents has a quota of a few calls a second for the whole account: being throttled is ordinary.
    maxAttempts: 6,
  };
}
