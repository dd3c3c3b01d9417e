import { RANGES, type Range, type RangeName } from "../data/range";
import { setQuery } from "../data/route";
import { Icon } from "./icon";
import { Segments, Time } from "./parts";

/** Which time is looked at; it stands in the address. */
export function RangePicker({ range, names }: { range: Range; names: readonly RangeName[] }) {
  return (
    <div class="range">
      {range.name === undefined && (
        <span class="written">
          <Time at={range.from} withDate /> to <Time at={range.to} withDate />
        </span>
      )}
      <Segments
        label="Time range"
        options={names.map((name) => [name, RANGES[name].label] as const)}
        value={range.name}
        onPick={(name) => setQuery({ range: name, from: undefined, to: undefined })}
      />
    </div>
  );
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
