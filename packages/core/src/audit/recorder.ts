import type { Caller, Claims } from "../access/access";
import { AppError } from "../error";
import type { Recorder } from "./event";

/**
 * Names who records, from the token: a person by `sub`, a machine client by its id, each with the client that the token
 * was issued to.
 *
 * @throws AppError of kind `forbidden` for a token that names no client
 */
export function recorderOf({ type, id }: Caller, claims: Claims | undefined): Recorder {
  const client = claims?.client_id ?? "";
  if (client === "") {
    throw new AppError("forbidden", "access.token", "The token does not say which client it was issued to.");
  }
  return { type: type === "person" ? "user" : "client", id, client };
}
