import { isId } from "@backend/platform/id";

export interface Position {
  /** The highest id that has not been read. */
  id: string;
  /** Start of the range in epoch milliseconds, fixed by the first page. */
  from: number;
}

/** Encodes a position in a tenant's events. It has no tenant: that comes from the token. */
export function encodeCursor(id: string, from: number): string {
  return Buffer.from(`${id}.${from}`).toString("base64url");
}

/** Returns undefined for a text that `encodeCursor` did not write. */
export function decodeCursor(cursor: string): Position | undefined {
  const [, id = "", from = ""] =
    /^(\w{26})\.(\d{1,15})$/.exec(Buffer.from(cursor, "base64url").toString("latin1")) ?? [];
  const position = { id, from: Number(from) };
  return isId(id) && encodeCursor(id, position.from) === cursor ? position : undefined;
}
