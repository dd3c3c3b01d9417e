import { isoInstant } from "@backend/platform/epoch";
import { useState } from "preact/hooks";

import { localMinute, timeRange, utc } from "../data/format";
import { RANGE_NAMES, RANGES, type Range } from "../data/range";
import { isApiDown } from "../data/reachability";
import { setQuery } from "../data/route";
import { session } from "../data/session";
import { useStore } from "../data/store";
import { Icon } from "./icon";
import { Menu } from "./menu";
import { Field, Segments } from "./parts";

/** Chooses the time range, which is part of the URL. */
export function RangePicker({ range }: { range: Range }) {
  return (
    <div class="range">
      <Segments
        label="Time range"
        options={RANGE_NAMES.map((name) => [name, RANGES[name].label] as const)}
        value={range.name}
        onPick={(name) => setQuery({ range: name, from: undefined, to: undefined })}
      />
      <CustomRange key={range.name ?? `${range.from}-${range.to}`} range={range} />
    </div>
  );
}

/** Chooses a start and an end. */
function CustomRange({ range }: { range: Range }) {
  const [problem, setProblem] = useState<string>();
  // The range when the form was opened: a range that ends now would change while someone types.
  const [{ from, to, times }, setOpened] = useState({ ...range, times: 0 });
  return (
    <Menu
      class="written"
      summary={
        range.name === undefined ? (
          <span title={`${utc(range.from)} – ${utc(range.to)}`}>{timeRange(range.from, range.to)}</span>
        ) : (
          "Custom range"
        )
      }
      onOpen={() => setOpened((before) => ({ ...range, times: before.times + 1 }))}
    >
      <form key={times} onSubmit={show}>
        <Field label="Start" name="from" type="datetime-local" value={localMinute(from)} />
        <Field label="End" name="to" type="datetime-local" value={localMinute(to)} />
        {problem !== undefined && (
          <p class="wrong" role="alert">
            {problem}
          </p>
        )}
        <button type="submit">Apply</button>
      </form>
    </Menu>
  );

  function show(event: SubmitEvent): void {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const [start, end] = ["from", "to"].map((name) => Date.parse(String(form.get(name)))) as [number, number];
    if (Number.isNaN(start + end)) setProblem("Enter a start and an end.");
    else if (start >= end) setProblem("The end must be after the start.");
    else setQuery({ from: isoInstant(start), to: isoInstant(end), range: undefined });
  }
}

export function LiveButton({
  live,
  disabled = false,
  onToggle,
}: {
  live: boolean;
  disabled?: boolean;
  onToggle(): void;
}) {
  const isSignedOut = useStore(session).token === undefined;
  const isDown = useStore(isApiDown);
  const isOff = disabled || isSignedOut;
  const title = isSignedOut
    ? "Sign in to see updates"
    : disabled
      ? "Live works only with ranges that end now"
      : live
        ? "Pause updates"
        : "Resume updates";
  return (
    <button
      type="button"
      class={`live ${live && !isOff && !isDown ? "on" : ""}`}
      title={title}
      disabled={isOff}
      onClick={onToggle}
    >
      <Icon name={live || disabled ? "live" : "pause"} />
      {live || disabled ? "Live" : "Paused"}
    </button>
  );
}
