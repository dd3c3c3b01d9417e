import { isoInstant } from "@backend/platform/epoch";
import { useEffect, useRef, useState } from "preact/hooks";

import { useApp } from "../../app-context";
import type { Query } from "../../data/api";
import { count } from "../../data/format";
import { Icon } from "../../ui/icon";
import { readEvents } from "./api";
import { auditCsvOf, type Collection, collect, ndjsonOf, newCollection } from "./collection";
import { download } from "./download";

type Format = "ndjson" | "csv";

/** Exports the filtered events as a file, with the fields of the list or with all fields. */
export function Export({ filter, disabled }: { filter: Query; disabled: boolean }) {
  const { api } = useApp();
  const [state, setState] = useState("");
  const [busy, setBusy] = useState(false);
  const [hasDetails, setHasDetails] = useState(false);
  const [unfinished, setUnfinished] = useState<Collection>();
  const abort = useRef(new AbortController());
  useEffect(() => () => abort.current.abort(), []);
  return (
    <span class="export">
      <span class="muted" role="status">
        {state}
      </span>
      {unfinished !== undefined && !busy && unfinished.events.length > 0 && (
        <button type="button" class="small" onClick={() => save(unfinished, "ndjson")}>
          Save {count(unfinished.events.length)} as NDJSON
        </button>
      )}
      <label title="Adds metadata, target names, IP, user agent and who recorded it">
        <input type="checkbox" checked={hasDetails} onChange={toggleDetails} /> Include details
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

  function toggleDetails(): void {
    setHasDetails(!hasDetails);
    setUnfinished(undefined); // its events have different fields
    setState("");
  }

  async function run(format: Format): Promise<void> {
    const { signal } = abort.current;
    const collection = unfinished ?? newCollection();
    const fields = hasDetails ? "all" : undefined;
    setBusy(true);
    try {
      const isComplete = await collect(
        (cursor) => readEvents(api, { ...filter, limit: "200", fields, cursor }, signal),
        collection,
        { onProgress: (number) => setState(`Exporting ${count(number)}…`) },
      );
      signal.throwIfAborted();
      save(collection, format);
      setUnfinished(undefined);
      const exported = count(collection.events.length);
      setState(
        isComplete
          ? `Exported ${exported} ${collection.events.length === 1 ? "event" : "events"}`
          : `Exported the newest ${exported}. Narrow the range for the rest.`,
      );
    } catch (error) {
      if (signal.aborted) return;
      setUnfinished(collection);
      const { message } = error as Error;
      setState(`Stopped after ${count(collection.events.length)} events. ${message} Export again to continue.`);
    }
    setBusy(false);
  }
}

function save({ events }: Collection, format: Format): void {
  const name = `audit-trail-${isoInstant(Date.now()).slice(0, 10)}.${format}`;
  if (format === "csv") download(name, "text/csv;charset=utf-8", `\ufeff${auditCsvOf(events)}`);
  else download(name, "application/x-ndjson", ndjsonOf(events));
}
