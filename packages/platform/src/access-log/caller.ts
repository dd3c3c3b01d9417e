import type { AccessLogEntry } from "./entry";

/** Who made a request, according to the access log. */
export interface LoggedCaller {
  kind: "user" | "client" | "address" | "unknown";
  /** Empty for `unknown`. */
  id: string;
}

/**
 * Returns the caller of a request: the user, else the client, else the address.
 *
 * If `user` equals `client`, the caller is a machine client: Cognito sets `sub` to the client's id.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html
 */
export function callerOf({
  user,
  client,
  sourceIp,
}: Pick<AccessLogEntry, "user" | "client" | "sourceIp">): LoggedCaller {
  if (user !== undefined && user !== client) return { kind: "user", id: user };
  if (client !== undefined) return { kind: "client", id: client };
  return sourceIp === undefined ? { kind: "unknown", id: "" } : { kind: "address", id: sourceIp };
}
