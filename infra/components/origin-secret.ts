import { readOriginSecret, readPreviousSecret } from "@backend/platform/access/origin-secret";

import { stagePolicy } from "../stage";
import { once } from "./once";

/**
 * Returns the secrets of the stage's edge: the one that CloudFront sends, and those that functions
 * accept, separated by a space. Undefined for a stage without an edge.
 */
export const originSecrets = once(() => {
  if (stagePolicy($app.stage).edge === undefined) return undefined;
  const current = new sst.Secret("OriginSecret");
  const previous = new sst.Secret("PreviousOriginSecret", " "); // set only while the other is being replaced
  const sent = current.value.apply((value) => readOriginSecret("OriginSecret", value));
  const accepted = $resolve([sent, previous.value]).apply(([first, second = ""]) =>
    [first, readPreviousSecret("PreviousOriginSecret", second)].filter(Boolean).join(" "),
  );
  return { sent, accepted };
});
