import { isoInstant } from "@secure-backend/core/epoch";
import { useEffect, useRef, useState } from "preact/hooks";

import { useApp } from "../app-context";
import type { Query } from "../data/api";
import { auditCsvOf, collect, detailed, MOST_DETAILED, MOST_EVENTS, ndjsonOf } from "../data/audit-export";
import { download } from "../data/download";
import { count } from "../data/format";
import { Icon } from "../ui/icon";

/** The filtered view as a file: what the list shows, or every field of it. */
export function Export({ filter, disabled }: { filter: Query; disabled: boolean }) {
  const { api } = useApp();
  const [state, setState] = useState("");
  const [busy, setBusy] = useState(false);
  const [full, setFull] = useState(false);
  const abort = useRef(new AbortController());
  useEffect(() => () => abort.current.abort(), []);
  return (
    <span class="export">
      <span class="muted" role="status">
        {state}
      </span>
      <label title={`One request for each event: up to ${count(MOST_DETAILED)}`}>
        <input type="checkbox" checked={full} onChange={() => setFull(!full)} /> every field
      </label>
      <button type="button" disabled={disabled || busy} onClick={() => void run("ndjson")}>
        <Icon name="download" />
        NDJSON
      </button>
      <button type="button" disabled={disabled || busy} onClick={() => void run("csv")}>
        <Icon name="download" />
        CSV
      </button>
    </span>
  );

  async function run(format: "ndjson" | "csv"): Promise<void> {
    const { signal } = abort.current;
    const told = (number: number) => setState(`${count(number)} ...`);
    setBusy(true);
    try {
      const read = (cursor: string | undefined) => api.events({ ...filter, limit: "200", cursor }, signal);
      const { events: listed, complete } = await collect(read, told, full ? MOST_DETAILED : MOST_EVENTS);
      const events = full ? await detailed(listed, (id) => api.event(id, signal), told) : listed;
      signal.throwIfAborted();
      const name = `audit-trail-${isoInstant(Date.now()).slice(0, 10)}.${format}`;
      if (format === "csv") download(name, "text/csv;charset=utf-8", `\ufeff${auditCsvOf(events)}`);
      else download(name, "application/x-ndjson", ndjsonOf(events));
      setState(
        complete
          ? `${count(events.length)} exported`
          : `The newest ${count(events.length)} exported, there are more: narrow the time`,
      );
    } catch (error) {
      if (signal.aborted) return;
      setState((error as Error).message);
    }
    setBusy(false);
  }
}
