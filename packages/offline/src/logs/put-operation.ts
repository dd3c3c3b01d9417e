import type { Operation } from "./api";
import type { LogGroups } from "./groups";
import { constraint, groupNameIn, invalid, notFound, streamNameIn } from "./input";
import type { LogService } from "./service";

// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
const MOST_EVENTS = 10_000;
const MOST_BYTES = 1_048_576;
const EVENT_BYTES = 26;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const TOO_NEW = 2 * HOUR;
const TOO_OLD = 14 * DAY;

interface InputLogEvent {
  timestamp: number;
  message: string;
}

/** What writes log events. */
export function putOperations(groups: LogGroups, logs: LogService): Record<string, Operation> {
  return {
    async PutLogEvents(input) {
      const group = await groups.find(groupNameIn(input));
      if (group === undefined) throw notFound("log group");
      const stream = streamNameIn(input);
      if (!(await groups.streamsOf(group.name)).some(({ name }) => name === stream)) throw notFound("log stream");
      const logEvents = logEventsIn(input);
      const now = Date.now();
      const expired = group.retentionInDays === undefined ? 0 : now - group.retentionInDays * DAY;
      const isOld = ({ timestamp }: InputLogEvent) => timestamp < now - TOO_OLD;
      const isExpired = ({ timestamp }: InputLogEvent) => timestamp < expired;
      const isNew = ({ timestamp }: InputLogEvent) => timestamp > now + TOO_NEW;
      const kept = logEvents.filter((event) => !isOld(event) && !isExpired(event) && !isNew(event));
      const writer = logs.openStream(group.name, stream);
      await Promise.all(
        kept.map(
          ({ timestamp, message }) => new Promise<void>((done) => writer.write(timestamp, message, false, done)),
        ),
      );
      // Events are in the order of time: the old ones are the first, the new ones the last.
      const rejectedLogEventsInfo = {
        ...(logEvents.some(isNew) && { tooNewLogEventStartIndex: logEvents.findIndex(isNew) }),
        ...(logEvents.some(isOld) && { tooOldLogEventEndIndex: logEvents.filter(isOld).length }),
        ...(logEvents.some(isExpired) && { expiredLogEventEndIndex: logEvents.filter(isExpired).length }),
      };
      return {
        nextSequenceToken: "49590302000000000000000000000000000000000000000000000000", // of no meaning any more
        ...(Object.keys(rejectedLogEventsInfo).length > 0 && { rejectedLogEventsInfo }),
      };
    },
  };
}

function logEventsIn({ logEvents }: Parameters<Operation>[0]): InputLogEvent[] {
  const isList = Array.isArray(logEvents) && logEvents.every(isLogEvent);
  if (!isList) throw constraint("logEvents", logEvents, "be a list of timestamps (epoch ms) with messages");
  if (logEvents.length < 1 || logEvents.length > MOST_EVENTS)
    throw constraint("logEvents", `${logEvents.length} events`, `have length between 1 and ${MOST_EVENTS}`);
  const bytes = logEvents.reduce((sum, { message }) => sum + Buffer.byteLength(message) + EVENT_BYTES, 0);
  if (bytes > MOST_BYTES) throw invalid(`Upload too large: ${bytes} bytes exceeds limit of ${MOST_BYTES}`);
  const times = logEvents.map(({ timestamp }) => timestamp);
  if (times.some((time, index) => index > 0 && time < (times[index - 1] ?? 0)))
    throw invalid("Log events in a single PutLogEvents request must be in chronological order.");
  if ((times.at(-1) ?? 0) - (times[0] ?? 0) > DAY)
    throw invalid("The batch of log events in a single PutLogEvents request cannot span more than 24 hours.");
  return logEvents;
}

function isLogEvent(value: unknown): value is InputLogEvent {
  const { timestamp, message } = Object(value) as Partial<InputLogEvent>;
  return Number.isInteger(timestamp) && Number(timestamp) >= 0 && typeof message === "string" && message !== "";
}
