import { isId } from "@backend/platform/id";

export interface Position {
  /** The highest id that has not been read. */
  id: string;
  /** Epoch milliseconds at which the walk ends: `from` of its first page, which may have been reckoned from the clock. */
  from: number;
}

/** A position in a tenant's events. Which tenant's is not in it: that stands in the token. */
export function encodeCursor(id: string, from: number): string {
  return Buffer.from(`${id}.${from}`).toString("base64url");
}

/** `undefined` for what `encodeCursor` did not write. */
export function decodeCursor(cursor: string): Position | undefined {
  const [, id = "", from = ""] =
    /^(\w{26})\.(\d{1,15})$/.exec(Buffer.from(cursor, "base64url").toString("latin1")) ?? [];
  const position = { id, from: Number(from) };
  return isId(id) && encodeCursor(id, position.from) === cursor ? position : undefined;
}
