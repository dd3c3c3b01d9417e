// Analyses 1,250,000 lines of an access log, of which a million are mutated. The report must equal
// the one from JSON.parse of each line.
import { isDeepStrictEqual } from "node:util";

import { analyseAccessLog } from "@backend/platform/access-log/analysis/analyse";

import { mutateEntry, randomEntry } from "@backend/testing/access-log-lines";
import { plainAnalysis } from "@backend/testing/plain-analysis";
import { seeded } from "@backend/testing/random";
import { holds } from "./server";

const LINES = 1_250_000;
const LOG_LINES = 1000;
/** A prime number, so that chunks end in the middle of lines. */
const CHUNK_BYTES = 7919;

const random = seeded(11);
const line = (index: number) => {
  const entry = randomEntry(random, 1_795_400_000_000 + index);
  return index % 5 === 0 ? Buffer.from(JSON.stringify(entry)) : mutateEntry(random, entry);
};
let [parsed, unparsed, wrong] = [0, 0, 0];
for (let done = 0; done < LINES; done += LOG_LINES) {
  const log = Buffer.concat(
    Array.from({ length: LOG_LINES }, (_, index) => [line(done + index), Buffer.from("\n")]).flat(),
  );
  const { push, finish } = analyseAccessLog();
  for (let at = 0; at < log.length; at += CHUNK_BYTES) push(log.subarray(at, at + CHUNK_BYTES));
  const report = finish();
  parsed += report.requests;
  unparsed += report.unparseable.lines;
  if (!isDeepStrictEqual(report, plainAnalysis(log))) wrong++;
}
holds(
  `${(LINES * 4) / 5} mutated lines among ${LINES}: ${parsed} parsed, ${unparsed} not; ` +
    `${wrong} of ${LINES / LOG_LINES} reports differ from JSON.parse's`,
  wrong === 0,
);
