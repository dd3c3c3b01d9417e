/**
 * Dynalite 4 comes without types: https://github.com/architect/dynalite
 * What the functions of its modules take and return is said in dynalite.mjs.
 */
declare module "dynalite/db/*";
declare module "dynalite/actions/*";
declare module "dynalite/validations/*";

/** For tests. */
declare module "dynalite" {
  import type { Server } from "node:http";

  /** Milliseconds that a table takes to be created, deleted or updated. */
  export default function dynalite(options: {
    createTableMs?: number;
    deleteTableMs?: number;
    updateTableMs?: number;
  }): Server;
}
