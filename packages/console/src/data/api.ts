import type { PermissionName } from "@backend/core/permissions";
import type { AccessLogEntry } from "@backend/platform/access-log/entry";
import type { AccessLogAnswer } from "@backend/platform/access-log/search-answer";
import type { FunctionLogAnswer } from "@backend/platform/function-log/answer";
import type { TrafficAnswer } from "@backend/platform/traffic/answer";

import { inTime } from "./in-time";
import { ApiError, errorOf, OPAQUE } from "./problem";
import { session } from "./session";
import { readStoredTexts, writeStored } from "./stored";
import { lackOf } from "./token";

export type { AccessLogEntry, TrafficAnswer };
export type AccessLogPage = Omit<AccessLogAnswer, "items"> & { items: AccessLogEntry[] };

export type Query = Record<string, string | undefined>;

const OWN = "console.own-requests";

/** Ids of the requests that this page has sent by itself, for a live view: nobody wants to see them there. */
export const ownRequests = new Set(readStoredTexts(OWN));
const MOST_OWN = 5000;
addEventListener("pagehide", () => writeStored(OWN, [...ownRequests]));

function rememberOwn(requestId: string): void {
  ownRequests.add(requestId);
  const [oldest] = ownRequests;
  if (ownRequests.size > MOST_OWN && oldest !== undefined) ownRequests.delete(oldest);
}

export interface Api {
  traffic(query: Query, signal: AbortSignal): Promise<TrafficAnswer>;
  accessLog(query: Query, signal: AbortSignal): Promise<AccessLogPage>;
  functionLog(query: Query, signal: AbortSignal): Promise<FunctionLogAnswer>;
  /** What a noun's page reads; `scope` is the one that its operation asks for. */
  get<T>(path: string, query: Query, scope: PermissionName, signal: AbortSignal): Promise<T>;
}

/**
 * The API's reading half. Every function throws an ApiError, or the abort.
 *
 * @param limit milliseconds that an answer may take
 */
export function createApi(apiUrl: string, limit?: number): Api {
  return {
    traffic: (query, signal) => get("/traffic", query, "traffic/read", signal),
    accessLog: (query, signal) => get("/access-log", query, "traffic/read", signal),
    functionLog: (query, signal) => get("/function-log", query, "traffic/read", signal),
    get,
  };

  function get<T>(path: string, query: Query, scope: PermissionName, signal: AbortSignal): Promise<T> {
    return inTime((either) => ask<T>(path, query, scope, either), signal, limit);
  }

  async function ask<T>(path: string, query: Query, scope: PermissionName, signal: AbortSignal): Promise<T> {
    const { token } = session.current();
    if (token === undefined) throw new ApiError("signed-out", `Sign in with the scope ${scope} to see this.`);
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(`${apiUrl}${path}${searchOf(query)}`, { headers, signal }).catch((error: Error) => {
      if (signal.aborted) throw error;
      throw unseen(scope);
    });
    const requestId = response.headers.get("apigw-requestid") ?? undefined;
    if (requestId !== undefined) rememberOwn(requestId);
    const body: unknown = await response.json().catch((error: Error) => {
      if (signal.aborted) throw error;
      return undefined;
    });
    if (!response.ok) throw errorOf(response.status, body, requestId, scope);
    if (body === undefined) throw new ApiError("unreadable", `${path} was answered with something that is not JSON.`);
    return body as T;
  }
}

/** API Gateway's own refusals of a token come without CORS headers: the page is told nothing, but it has the token. */
function unseen(scope: PermissionName): ApiError {
  const lack = lackOf(session.current().claims, [scope]);
  return lack === undefined ? new ApiError("refused", OPAQUE) : new ApiError("refused", lack.words, lack);
}

function searchOf(query: Query): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => Boolean(entry[1]));
  return given.length === 0 ? "" : `?${new URLSearchParams(given)}`;
}
