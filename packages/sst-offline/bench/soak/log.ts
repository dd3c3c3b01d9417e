// A million mutated lines of an access log, and a quarter as many as they were: what the analysis says of them is what JSON.parse of each line says.
import { isDeepStrictEqual } from "node:util";

import { analyseAccessLog } from "@backend/platform/access-log/analysis/analyse";

import { mutateEntry, randomEntry } from "@backend/testing/access-log-lines";
import { plainAnalysis } from "@backend/testing/plain-analysis";
import { seeded } from "@backend/testing/random";
import { holds } from "./server";

const LINES = 1_250_000;
/** Lines of a log, and of a chunk of bytes: odd, so that lines are cut. */
const LOG = 1000;
const CHUNK = 7919;

const random = seeded(11);
const line = (index: number) => {
  const entry = randomEntry(random, 1_795_400_000_000 + index);
  return index % 5 === 0 ? Buffer.from(JSON.stringify(entry)) : mutateEntry(random, entry);
};
let [parsed, refused, wrong] = [0, 0, 0];
for (let done = 0; done < LINES; done += LOG) {
  const log = Buffer.concat(Array.from({ length: LOG }, (_, index) => [line(done + index), Buffer.from("\n")]).flat());
  const { push, finish } = analyseAccessLog();
  for (let at = 0; at < log.length; at += CHUNK) push(log.subarray(at, at + CHUNK));
  const report = finish();
  parsed += report.requests;
  refused += report.unparseable.lines;
  if (!isDeepStrictEqual(report, plainAnalysis(log))) wrong++;
}
holds(
  `${(LINES * 4) / 5} mutated lines among ${LINES}: ${parsed} parsed, ${refused} refused; ${wrong} of ${LINES / LOG} reports differ from JSON.parse's`,
  wrong === 0,
);
