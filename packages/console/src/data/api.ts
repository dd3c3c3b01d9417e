import { PERMISSIONS, type Permission, type PermissionName } from "@backend/core/permissions";
import type { AccessLogEntry } from "@backend/platform/access-log/entry";
import type { AccessLogAnswer } from "@backend/platform/access-log/search-answer";
import type { FunctionLogAnswer } from "@backend/platform/function-log/answer";
import type { TrafficAnswer } from "@backend/platform/traffic/answer";

import { inTime } from "./in-time";
import { ApiError, down, errorOf, unreachable } from "./problem";
import { answersAt, isApiDown } from "./reachability";
import { session } from "./session";
import { readStoredTexts, writeStored } from "./stored";
import { rejectionOf } from "./token";

export type { AccessLogEntry, TrafficAnswer };
export type AccessLogPage = Omit<AccessLogAnswer, "items"> & { items: AccessLogEntry[] };

export type Query = Record<string, string | undefined>;

const STORAGE_KEY = "console.own-requests";

/** Ids of the requests that the console itself sends. Live lists hide them. */
export const consoleRequests = new Set(readStoredTexts(STORAGE_KEY));
const MAX_REMEMBERED_REQUESTS = 5000;
addEventListener("pagehide", () => writeStored(STORAGE_KEY, [...consoleRequests]));

function remember(requestId: string): void {
  consoleRequests.add(requestId);
  const [oldest] = consoleRequests;
  if (consoleRequests.size > MAX_REMEMBERED_REQUESTS && oldest !== undefined) consoleRequests.delete(oldest);
}

export interface Api {
  traffic(query: Query, signal: AbortSignal): Promise<TrafficAnswer>;
  accessLog(query: Query, signal: AbortSignal): Promise<AccessLogPage>;
  functionLog(query: Query, signal: AbortSignal): Promise<FunctionLogAnswer>;
  /** Sends a GET request for a noun's page. `scope` is the one that the operation requires. */
  get<T>(path: string, query: Query, scope: PermissionName, signal: AbortSignal): Promise<T>;
}

/**
 * Returns a client for the API's GET operations. Each function throws an `ApiError`, or the abort.
 *
 * @param timeoutMs milliseconds that a response may take
 */
export function createApi(apiUrl: string, timeoutMs?: number): Api {
  return {
    traffic: (query, signal) => get("/traffic", query, "traffic/read", signal),
    accessLog: (query, signal) => get("/access-log", query, "traffic/read", signal),
    functionLog: (query, signal) => get("/function-log", query, "traffic/read", signal),
    get,
  };

  function get<T>(path: string, query: Query, scope: PermissionName, signal: AbortSignal): Promise<T> {
    return inTime((either) => send<T>(path, query, scope, either), signal, timeoutMs);
  }

  async function send<T>(path: string, query: Query, scope: PermissionName, signal: AbortSignal): Promise<T> {
    const { token } = session.current();
    if (token === undefined) throw new ApiError("signed-out", audienceOf(scope));
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(`${apiUrl}${path}${searchOf(query)}`, { headers, signal }).catch((error: Error) => {
      if (signal.aborted) throw error;
      return undefined;
    });
    if (response === undefined) throw await hiddenError(apiUrl, scope, signal);
    isApiDown.set(false);
    const requestId = response.headers.get("apigw-requestid") ?? undefined;
    if (requestId !== undefined) remember(requestId);
    const body: unknown = await response.json().catch((error: Error) => {
      if (signal.aborted) throw error;
      return undefined;
    });
    if (!response.ok) throw errorOf(response.status, body, requestId, scope);
    if (body === undefined) throw new ApiError("unreadable", `${path} returned something that isn't JSON.`);
    return body as T;
  }
}

/**
 * Returns the error for a response that the browser hides from the page. API Gateway's 401 and 403
 * have no CORS headers, but the token's claims often show the reason.
 */
async function hiddenError(apiUrl: string, scope: PermissionName, signal: AbortSignal): Promise<ApiError> {
  const isDown = !(await answersAt(apiUrl, signal));
  isApiDown.set(isDown);
  if (isDown) return new ApiError("down", down(apiUrl));
  const rejection = rejectionOf(session.current().claims, [scope]);
  if (rejection === undefined) return new ApiError("unreachable", unreachable(apiUrl));
  return new ApiError("gateway", rejection.message, { status: rejection.status });
}

/** Says who may use a permission. */
function audienceOf(scope: PermissionName): string {
  const { group, perTenant }: Permission = PERMISSIONS[scope];
  if (group !== undefined) return `Visible to people in the group ${group} (scope ${scope}).`;
  if (perTenant === true) return `Visible to members of a tenant (scope ${scope}).`;
  return `Visible to everyone who signs in (scope ${scope}).`;
}

function searchOf(query: Query): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => Boolean(entry[1]));
  return given.length === 0 ? "" : `?${new URLSearchParams(given)}`;
}
