/**
 * Dynalite 4 has no types: https://github.com/architect/dynalite
 * dynalite.mjs types the functions that are used.
 */
declare module "dynalite/db/*";
declare module "dynalite/actions/*";
declare module "dynalite/validations/*";

/** For tests. */
declare module "dynalite" {
  import type { Server } from "node:http";

  /** Simulated milliseconds to create, delete or update a table. */
  export default function dynalite(options: {
    createTableMs?: number;
    deleteTableMs?: number;
    updateTableMs?: number;
  }): Server;
}
