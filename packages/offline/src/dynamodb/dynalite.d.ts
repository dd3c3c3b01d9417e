/** dynalite 4 comes without types: https://github.com/architect/dynalite */
declare module "dynalite" {
  import type { Server } from "node:http";

  export default function dynalite(options: {
    /** Folder of the LevelDB; in memory without one. */
    path?: string;
    /** Milliseconds that a table takes to be created, deleted or updated. */
    createTableMs?: number;
    deleteTableMs?: number;
    updateTableMs?: number;
  }): Server;
}
