import { isoInstant } from "@backend/platform/epoch";
import { useState } from "preact/hooks";

import { localMinute } from "../data/format";
import { RANGE_NAMES, RANGES, type Range } from "../data/range";
import { setQuery } from "../data/route";
import { Icon } from "./icon";
import { Menu } from "./menu";
import { Field, Segments, Time } from "./parts";

/** Which time is looked at; it stands in the address. */
export function RangePicker({ range }: { range: Range }) {
  return (
    <div class="range">
      <Segments
        label="Time range"
        options={RANGE_NAMES.map((name) => [name, RANGES[name].label] as const)}
        value={range.name}
        onPick={(name) => setQuery({ range: name, from: undefined, to: undefined })}
      />
      <Written key={range.name ?? `${range.from}-${range.to}`} range={range} />
    </div>
  );
}

/** A range that is written out. */
function Written({ range }: { range: Range }) {
  const [problem, setProblem] = useState<string>();
  // As it was when the form was opened: a range that ends now moves on under what somebody types.
  const [{ from, to, times }, setOpened] = useState({ ...range, times: 0 });
  return (
    <Menu
      class="written"
      summary={
        range.name === undefined ? (
          <>
            <Time at={range.from} withDate /> to <Time at={range.to} withDate />
          </>
        ) : (
          "From, to"
        )
      }
      onOpen={() => setOpened((before) => ({ ...range, times: before.times + 1 }))}
    >
      <form key={times} onSubmit={show}>
        <Field label="From" name="from" type="datetime-local" value={localMinute(from)} />
        <Field label="To" name="to" type="datetime-local" value={localMinute(to)} />
        {problem !== undefined && (
          <p class="wrong" role="alert">
            {problem}
          </p>
        )}
        <button type="submit">Show</button>
      </form>
    </Menu>
  );

  function show(event: SubmitEvent): void {
    event.preventDefault();
    const given = new FormData(event.currentTarget as HTMLFormElement);
    const [begin, end] = ["from", "to"].map((name) => Date.parse(String(given.get(name)))) as [number, number];
    if (Number.isNaN(begin + end)) setProblem("Both times are needed.");
    else if (begin >= end) setProblem("The end must come after the beginning.");
    else setQuery({ from: isoInstant(begin), to: isoInstant(end), range: undefined });
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
  return (
    <button type="button" class={`live ${live ? "on" : ""}`} aria-pressed={live} disabled={disabled} onClick={onToggle}>
      <Icon name={live ? "pause" : "play"} />
      Live
    </button>
  );
}
