import { date, dayOfMonth, minuteOfDay, type Zone } from "./format";

const DAY_SECONDS = 86_400;

/**
 * Returns the zone in which buckets are named: the reader's if they start at its full minutes,
 * hours or days, else UTC, in which the API cuts them.
 *
 * @param starts start of each bucket, in epoch seconds
 * @param offset minutes that UTC is ahead of the reader's zone, as `getTimezoneOffset` returns them
 */
export function zoneOf(
  starts: number[],
  bucketSeconds: number,
  offset = (start: number) => new Date(start * 1000).getTimezoneOffset(),
): Zone {
  return starts.every((start) => (start - offset(start) * 60) % bucketSeconds === 0) ? "local" : "UTC";
}

/**
 * Writes the start of a bucket: `27 Nov 17:55`, or `27 Nov` for a day. Names the zone if it is UTC.
 */
export function bucketName(start: number, bucketSeconds: number, zone: Zone): string {
  const at = start * 1000;
  const name = bucketSeconds < DAY_SECONDS ? withTime(at, zone) : dayOfMonth(at, zone);
  return zone === "UTC" ? `${name} UTC` : name;
}

/**
 * Returns the labels of a time axis: times, and days at midnight. No two are equal: a time that
 * repeats gets its day, and a day its year.
 *
 * @param ticks ascending, in epoch seconds
 */
export function axisLabels(ticks: number[], zone: Zone): string[] {
  const step = (ticks[1] ?? 0) - (ticks[0] ?? 0);
  const labels: string[] = [];
  for (const tick of ticks) {
    const at = tick * 1000;
    const isDay = step >= DAY_SECONDS || isMidnight(at, zone);
    const short = isDay ? dayOfMonth(at, zone) : minuteOfDay(at, zone);
    labels.push(!labels.includes(short) ? short : isDay ? date(at, zone) : withTime(at, zone));
  }
  return labels;
}

function withTime(at: number, zone: Zone): string {
  return `${dayOfMonth(at, zone)} ${minuteOfDay(at, zone)}`;
}

function isMidnight(at: number, zone: Zone): boolean {
  const time = new Date(at);
  return (zone === "UTC" ? time.getUTCHours() + time.getUTCMinutes() : time.getHours() + time.getMinutes()) === 0;
}
