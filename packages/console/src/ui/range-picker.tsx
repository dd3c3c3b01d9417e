import { useRef, useState } from "preact/hooks";

import { localMinute } from "../data/format";
import { RANGES, type Range, type RangeName } from "../data/range";
import { setQuery } from "../data/route";
import { Icon } from "./icon";
import { Field, Segments, Time } from "./parts";

/** Which time is looked at; it stands in the address. */
export function RangePicker({ range, names }: { range: Range; names: readonly RangeName[] }) {
  return (
    <div class="range">
      <Segments
        label="Time range"
        options={names.map((name) => [name, RANGES[name].label] as const)}
        value={range.name}
        onPick={(name) => setQuery({ range: name, from: undefined, to: undefined })}
      />
      <Written key={`${range.name} ${range.name === undefined ? range.from + range.to : ""}`} range={range} />
    </div>
  );
}

/** A range that is written out. */
function Written({ range }: { range: Range }) {
  const details = useRef<HTMLDetailsElement>(null);
  const [problem, setProblem] = useState<string>();
  // As they were when the form was opened: a range that ends now moves on under what somebody types.
  const [opened, setOpened] = useState(range);
  const typed = useRef({ from: "", to: "" });
  return (
    <details
      ref={details}
      class="written"
      onToggle={() => {
        setOpened(range);
        typed.current = { from: localMinute(range.from), to: localMinute(range.to) };
      }}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !details.current?.open) return;
        details.current.open = false;
        details.current.querySelector("summary")?.focus();
      }}
    >
      <summary>
        {range.name === undefined ? (
          <>
            <Time at={range.from} withDate /> to <Time at={range.to} withDate />
          </>
        ) : (
          "From, to"
        )}
      </summary>
      <form onSubmit={show}>
        <Field
          label="From"
          type="datetime-local"
          value={localMinute(opened.from)}
          onType={(value) => {
            typed.current.from = value;
          }}
        />
        <Field
          label="To"
          type="datetime-local"
          value={localMinute(opened.to)}
          onType={(value) => {
            typed.current.to = value;
          }}
        />
        {problem !== undefined && (
          <p class="wrong" role="alert">
            {problem}
          </p>
        )}
        <button type="submit">Show</button>
      </form>
    </details>
  );

  function show(event: Event): void {
    event.preventDefault();
    const [from, to] = [typed.current.from, typed.current.to].map((text) => Date.parse(text)) as [number, number];
    if (!(from < to)) {
      setProblem("The end must come after the beginning.");
      return;
    }
    const [begin, end] = [from, to].map((at) => new Date(at).toISOString());
    setQuery({ from: begin, to: end, range: undefined });
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
