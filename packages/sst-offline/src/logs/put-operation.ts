import type { LogGroups } from "./groups";
import { constraint, groupNameIn, invalid, notFound, streamNameIn } from "./input";
import type { Operation } from "./operation";
import type { LogService } from "./service";

// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
const MAX_EVENTS = 10_000;
const MAX_BYTES = 1_048_576;
const OVERHEAD_BYTES = 26;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const MAX_AHEAD_MS = 2 * HOUR_MS;
const MAX_AGE_MS = 14 * DAY_MS;

interface InputLogEvent {
  timestamp: number;
  message: string;
}

/** The operation that writes log events. */
export function putOperations(groups: LogGroups, logs: LogService): Record<string, Operation> {
  return {
    async PutLogEvents(input) {
      const group = await groups.find(groupNameIn(input));
      if (group === undefined) throw notFound("log group");
      const stream = streamNameIn(input);
      if (!(await groups.hasStream(group.name, stream))) throw notFound("log stream");
      const logEvents = logEventsIn(input);
      const now = Date.now();
      const expired = group.retentionInDays === undefined ? 0 : now - group.retentionInDays * DAY_MS;
      const isOld = ({ timestamp }: InputLogEvent) => timestamp < now - MAX_AGE_MS;
      const isExpired = ({ timestamp }: InputLogEvent) => timestamp < expired;
      const isNew = ({ timestamp }: InputLogEvent) => timestamp > now + MAX_AHEAD_MS;
      const accepted = logEvents.filter((event) => !isOld(event) && !isExpired(event) && !isNew(event));
      await logs.put(group.name, stream, accepted);
      // Log events are in chronological order: too old ones come first, too new ones last.
      const rejectedLogEventsInfo = {
        ...(logEvents.some(isNew) && { tooNewLogEventStartIndex: logEvents.findIndex(isNew) }),
        ...(logEvents.some(isOld) && { tooOldLogEventEndIndex: logEvents.filter(isOld).length }),
        ...(logEvents.some(isExpired) && { expiredLogEventEndIndex: logEvents.filter(isExpired).length }),
      };
      return {
        nextSequenceToken: "49590302000000000000000000000000000000000000000000000000", // ignored by AWS since 2023
        ...(Object.keys(rejectedLogEventsInfo).length > 0 && { rejectedLogEventsInfo }),
      };
    },
  };
}

function logEventsIn({ logEvents }: Parameters<Operation>[0]): InputLogEvent[] {
  const isList = Array.isArray(logEvents) && logEvents.every(isLogEvent);
  if (!isList) throw constraint("logEvents", logEvents, "be a list of timestamps (epoch ms) with messages");
  if (logEvents.length < 1 || logEvents.length > MAX_EVENTS)
    throw constraint("logEvents", `${logEvents.length} events`, `have length between 1 and ${MAX_EVENTS}`);
  const bytes = logEvents.reduce((sum, { message }) => sum + Buffer.byteLength(message) + OVERHEAD_BYTES, 0);
  if (bytes > MAX_BYTES) throw invalid(`Upload too large: ${bytes} bytes exceeds limit of ${MAX_BYTES}`);
  const times = logEvents.map(({ timestamp }) => timestamp);
  if (times.some((time, index) => index > 0 && time < (times[index - 1] ?? 0)))
    throw invalid("Log events in a single PutLogEvents request must be in chronological order.");
  if ((times.at(-1) ?? 0) - (times[0] ?? 0) > DAY_MS)
    throw invalid("The batch of log events in a single PutLogEvents request cannot span more than 24 hours.");
  return logEvents;
}

function isLogEvent(value: unknown): value is InputLogEvent {
  const { timestamp, message } = Object(value) as Partial<InputLogEvent>;
  return Number.isInteger(timestamp) && Number(timestamp) >= 0 && typeof message === "string" && message !== "";
}
