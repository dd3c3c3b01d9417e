import { isoInstant } from "@backend/platform/epoch";
import { useMemo } from "preact/hooks";

import { useApp } from "../app-context";
import type { TrafficAnswer } from "../data/api";
import { bytes, count, duration, percent, shortCount } from "../data/format";
import { queryOf, rangeOf } from "../data/range";
import { setQuery, useRoute } from "../data/route";
import { useLoad } from "../data/use-load";
import { Chart } from "../ui/chart";
import { Figure, Panel } from "../ui/parts";
import { LiveButton, RangePicker } from "../ui/range-picker";
import { Problem } from "../ui/states";
import { Callers, latencyOf, Refusals, Routes, Values } from "./traffic-tables";

const EVERY = 5000;

export default function Traffic() {
  const { api } = useApp();
  const { query } = useRoute();
  const range = rangeOf(query, "1h", Date.now());
  const live = range.name !== undefined && query.get("live") !== "off";
  const key = range.name ?? `${range.from}-${range.to}`;
  const { data, loadedKey, error, reload } = useLoad(
    key,
    (signal) => api.traffic(queryOf(rangeOf(query, "1h", Date.now())), signal),
    live ? EVERY : undefined,
  );
  return (
    <>
      <header class="top">
        <h1>Traffic</h1>
        <RangePicker range={range} />
        <LiveButton
          live={live}
          disabled={range.name === undefined}
          onToggle={() => setQuery({ live: live ? "off" : undefined })}
        />
      </header>
      {error && <Problem error={error} onRetry={reload} />}
      {(data !== undefined || error === undefined) && <Board data={data} stale={loadedKey !== key} />}
    </>
  );
}

/** @param stale it is of the range before: the one that was chosen is on its way */
function Board({ data, stale }: { data: TrafficAnswer | undefined; stale: boolean }) {
  const { totals } = data ?? {};
  return (
    <div class={`board ${data === undefined ? "waiting" : stale ? "stale" : ""}`} aria-busy={stale}>
      <dl class="figures">
        <Figure label="Requests" value={totals ? shortCount(totals.requests) : "–"} hint={data && rateOf(data)} />
        <Figure
          label="Server errors"
          value={totals ? percent(totals.errorRate) : "–"}
          hint={totals && `${count(totals.serverErrors)} of 5xx`}
          tone={totals && totals.serverErrors > 0 ? "bad" : ""}
        />
        <Figure
          label="Client errors"
          value={totals ? percent(totals.requests === 0 ? 0 : totals.clientErrors / totals.requests) : "–"}
          hint={totals && `${count(totals.clientErrors)} of 4xx`}
        />
        <Figure label="p50" value={latencyOf(totals?.latency, "p50")} hint="half are faster" />
        <Figure label="p95" value={latencyOf(totals?.latency, "p95")} hint="19 of 20 are faster" />
        <Figure label="p99" value={latencyOf(totals?.latency, "p99")} hint="99 of 100 are faster" />
        <Figure label="Sent" value={totals ? bytes(totals.bytes) : "–"} hint="bodies of responses" />
      </dl>
      <Charts data={data} />
      <Values data={data} />
      <div class="columns">
        <Routes routes={data?.routes} />
        <Callers data={data} />
        <Refusals data={data} />
      </div>
    </div>
  );
}

const NO_SERIES: TrafficAnswer["series"] = [];
const SECONDS: Record<TrafficAnswer["granularity"], number> = { minute: 60, hour: 3600, day: 86_400 };

function Charts({ data }: { data: TrafficAnswer | undefined }) {
  const series = data?.series ?? NO_SERIES;
  const shown = useMemo(() => {
    const of = (pick: (bucket: TrafficAnswer["series"][number]) => number | null) => series.map(pick);
    return {
      times: of(({ start }) => Date.parse(start) / 1000) as number[],
      requests: [
        { label: "5xx", colour: "--bad", values: of(({ serverErrors }) => serverErrors) },
        { label: "4xx", colour: "--warn", values: of(({ clientErrors }) => clientErrors) },
        {
          label: "answered",
          colour: "--ok",
          values: of((bucket) => bucket.requests - bucket.clientErrors - bucket.serverErrors),
        },
      ],
      errors: [
        { label: "5xx", colour: "--bad", values: of(({ requests, errorRate }) => (requests === 0 ? null : errorRate)) },
      ],
      latency: [
        { label: "p50", colour: "--p50", values: of(({ latency }) => latency?.p50 ?? null) },
        { label: "p95", colour: "--p95", values: of(({ latency }) => latency?.p95 ?? null) },
        { label: "p99", colour: "--p99", values: of(({ latency }) => latency?.p99 ?? null) },
      ],
    };
  }, [series]);
  const total = data?.totals;
  const common = { times: shown.times, bucket: SECONDS[data?.granularity ?? "minute"], onRange: choose };
  return (
    <div class="charts">
      <Panel title="Requests" note={data && `each ${data.granularity}`} class="wide">
        <Chart
          {...common}
          kind="bars"
          label={`Requests over time: ${total?.requests ?? 0} in all, ${total?.clientErrors ?? 0} of them 4xx, ${total?.serverErrors ?? 0} of them 5xx`}
          series={shown.requests}
          format={shortCount}
          least={4}
        />
      </Panel>
      <Panel title="Latency" note="of API Gateway as a whole">
        <Chart
          {...common}
          kind="lines"
          label={`Latency over time: p50 ${latencyOf(total?.latency, "p50")}, p95 ${latencyOf(total?.latency, "p95")}, p99 ${latencyOf(total?.latency, "p99")} in all`}
          series={shown.latency}
          format={duration}
          least={10}
        />
      </Panel>
      <Panel title="Error rate" note="5xx by all requests">
        <Chart
          {...common}
          kind="lines"
          label={`Error rate over time: ${percent(total?.errorRate ?? 0)} in all`}
          series={shown.errors}
          format={percent}
          least={0.05}
        />
      </Panel>
    </div>
  );
}

function choose(from: number, to: number): void {
  const instant = (seconds: number) => isoInstant(Math.round(seconds) * 1000);
  setQuery({ from: instant(from), to: instant(Math.max(to, from + 60)), range: undefined });
}

function rateOf({ totals: { requests }, from, to }: TrafficAnswer): string {
  const rate = (requests * 1000) / (Date.parse(to) - Date.parse(from));
  return rate >= 1 ? `${rate.toFixed(1)} a second` : `${(rate * 60).toFixed(1)} a minute`;
}
