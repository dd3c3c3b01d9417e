import type { Caller, TenantCaller } from "../api/contract";
import { AppError } from "../error";

/**
 * Whose requests are counted together: all of a tenant, of one machine client, or of one person.
 */
const OWNERS = ["tenant", "client", "user"] as const;
type Owner = (typeof OWNERS)[number];

const WINDOWS = [
  { name: "minute", seconds: 60, keyLength: "2026-11-23T09:30".length },
  { name: "day", seconds: 86_400, keyLength: "2026-11-23".length },
] as const;

/** Limits of one owner. What has no number is not limited. */
export interface Quota {
  requestsPerMinute?: number;
  requestsPerDay?: number;
  /** Units are what metered operations take: one for each item of the body. */
  unitsPerMinute?: number;
  unitsPerDay?: number;
}

export type Quotas = { [Name in Owner]?: Quota };

interface Amount {
  name: "requests" | "units";
  amount: number;
  limit: number;
}

/**
 * What one request adds to one counter: all amounts, or none where one of them exceeds its limit.
 */
export interface Charge {
  owner: Owner;
  window: (typeof WINDOWS)[number]["name"];
  /** Key of the counter: owner and window. */
  key: string;
  amounts: Amount[];
  /** When the window ends, in epoch seconds. */
  end: number;
}

/**
 * Counts a charge. `full` means that nothing was counted because a limit would be exceeded, `busy`
 * that requests come faster than they can be counted.
 */
export type Count = (charge: Charge) => Promise<"counted" | "full" | "busy">;

/**
 * Counts a request against the quotas of its caller, one counter after the other.
 *
 * Minutes come before days and callers before their tenant: a caller who is refused by their own
 * minute takes nothing from the day or the tenant.
 *
 * @param now epoch milliseconds
 * @throws AppError `limit` if a quota has no room; whatever `count` throws if it cannot count
 */
export async function takeQuota(
  { quotas, count }: { quotas: Quotas; count: Count },
  caller: Caller | TenantCaller,
  units: number,
  now: number,
): Promise<void> {
  for (const charge of chargesOf(quotas, caller, units, now)) {
    const fits = charge.amounts.every(({ amount, limit }) => amount <= limit);
    const outcome = fits ? await count(charge) : "full";
    if (outcome === "busy")
      throw new AppError("limit", "quota.busy", "The caller sends requests faster than they can be counted.", {
        retryAfter: 1,
      });
    if (outcome === "full") throw exceeded(charge, now);
  }
}

/** Returns the charges of a request in the order in which they are counted. */
export function chargesOf(quotas: Quotas, caller: Caller | TenantCaller, units: number, now: number): Charge[] {
  const owners: [Owner, string][] = [[caller.type, caller.id]];
  if ("tenant" in caller) owners.push(["tenant", caller.tenant]);
  return WINDOWS.flatMap(({ name, seconds, keyLength }) =>
    owners.flatMap(([owner, id]) => {
      const quota = quotas[owner] ?? {};
      const [requests, ofUnits] =
        name === "minute" ? [quota.requestsPerMinute, quota.unitsPerMinute] : [quota.requestsPerDay, quota.unitsPerDay];
      const amounts: Amount[] = [];
      if (requests !== undefined) amounts.push({ name: "requests", amount: 1, limit: requests });
      if (ofUnits !== undefined && units > 0) amounts.push({ name: "units", amount: units, limit: ofUnits });
      if (amounts.length === 0) return [];
      const key = `${owner}#${id}#${new Date(now).toISOString().slice(0, keyLength)}`;
      const end = (Math.floor(now / 1000 / seconds) + 1) * seconds;
      return [{ owner, window: name, key, amounts, end }];
    }),
  );
}

/** https://www.rfc-editor.org/rfc/rfc6585#section-4 */
function exceeded({ owner, window, amounts, end }: Charge, now: number): AppError {
  const limits = amounts.map(({ name, limit }) => `${limit} ${name}`).join(" and ");
  const units = amounts.find(({ name }) => name === "units")?.amount;
  const request = units === undefined ? "this request" : `this request of ${units} units`;
  const message = `The ${owner}'s quota of ${limits} per ${window} has no room for ${request}.`;
  return new AppError("limit", "quota.exceeded", message, { retryAfter: Math.ceil(end - now / 1000) });
}

/**
 * Writes to one item that DynamoDB takes in a second:
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html
 */
const MAX_COUNTS_PER_SECOND = 1000;

/**
 * Returns the quotas. Throws an Error for a limit that is no positive whole number, or that is
 * never reached.
 */
export function checkQuotas(quotas: Quotas): Quotas {
  for (const [owner, quota] of Object.entries(quotas)) {
    for (const [name, limit] of Object.entries(quota)) {
      if (!Number.isSafeInteger(limit) || limit < 1)
        throw new Error(`quota ${owner}.${name}: expected a positive whole number, found ${limit}`);
    }
    const { requestsPerMinute = 0 } = quota;
    const most = MAX_COUNTS_PER_SECOND * 60;
    if (requestsPerMinute > most)
      throw new Error(
        `quota ${owner}.requestsPerMinute: expected at most ${most}, found ${requestsPerMinute}: ` +
          `DynamoDB counts ${MAX_COUNTS_PER_SECOND} requests of one ${owner} in a second`,
      );
  }
  return quotas;
}
