const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/** `23/Nov/2026:09:30:00 +0000`, as `$context.requestTime` has it. */
const COMMON_LOG = /^(\d{2})\/([A-Z][a-z]{2})\/(\d{4}):(\d{2}:\d{2}:\d{2}) ([+-]\d{2})(\d{2})$/;
const ISO = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?)\s?(Z|[+-]\d{2}:?\d{2})?$/;

/**
 * Parses a time in the common log format or in ISO 8601 (UTC if it has no zone) and returns epoch
 * milliseconds. Returns undefined for anything else, and for dates that do not exist.
 */
export function parseLoggedTime(text: string): number | undefined {
  const [, day, month = "", year, time, hours, minutes] = COMMON_LOG.exec(text) ?? [];
  if (day !== undefined) {
    const monthNumber = String(MONTHS.indexOf(month) + 1).padStart(2, "0");
    return epochOf(`${year}-${monthNumber}-${day}`, time ?? "", `${hours}:${minutes}`);
  }
  const [, date, clock, zone = "Z"] = ISO.exec(text) ?? [];
  if (date === undefined || clock === undefined) return undefined;
  return epochOf(date, clock.replace(",", "."), zone.replace(/^([+-]\d{2}):?(\d{2})$/, "$1:$2"));
}

function epochOf(date: string, time: string, zone: string): number | undefined {
  const midnight = new Date(`${date}T00:00:00Z`);
  // V8 parses 31 February as 3 March.
  if (Number.isNaN(midnight.getTime()) || midnight.toISOString().slice(0, 10) !== date) return undefined;
  const epoch = Date.parse(`${date}T${time}${zone}`);
  return Number.isNaN(epoch) ? undefined : epoch;
}
