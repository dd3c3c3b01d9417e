const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

let second = -1;
let text = "";

/** Returns the time in Common Log Format, in UTC: `14/Apr/2025:22:14:16 +0000`. */
export function commonLogTime(epochMs: number): string {
  const whole = Math.floor(epochMs / 1000);
  if (whole === second) return text; // many requests share a second
  const date = new Date(whole * 1000);
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${two(date.getUTCDate())}/${MONTHS[date.getUTCMonth()]}/${date.getUTCFullYear()}`;
  second = whole;
  text = `${day}:${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} +0000`;
  return text;
}
