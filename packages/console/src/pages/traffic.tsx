import { isoInstant } from "@backend/platform/epoch";
import { useMemo } from "preact/hooks";

import { useApp } from "../app-context";
import type { TrafficAnswer } from "../data/api";
import { zoneOf } from "../data/buckets";
import { bytes, count, duration, MISSING, percent, shortCount } from "../data/format";
import { queryOf, rangeOf } from "../data/range";
import { logHref, navigate, setQuery, useRoute } from "../data/route";
import { useLoad } from "../data/use-load";
import { Chart } from "../ui/chart";
import { Figure, PageTitle, Panel } from "../ui/parts";
import { LiveButton, RangePicker } from "../ui/range-picker";
import { Problem } from "../ui/states";
import { BUCKET_SECONDS, bucketRange, Callers, ChartTable, latencyOf, Rejections, Routes } from "./traffic-tables";

const REFRESH_MS = 5000;

export default function Traffic() {
  const { api } = useApp();
  const { query } = useRoute();
  const range = rangeOf(query, "1h", Date.now());
  const live = range.name !== undefined && query.get("live") !== "off";
  const key = range.name ?? `${range.from}-${range.to}`;
  const { data, loadedKey, error, reload } = useLoad(
    key,
    (signal) => api.traffic(queryOf(rangeOf(query, "1h", Date.now())), signal),
    live ? REFRESH_MS : undefined,
  );
  return (
    <>
      <header class="top">
        <PageTitle title="Traffic" about="How much the API is used, how fast it answers, and what fails." />
        <RangePicker range={range} />
        <LiveButton
          live={live}
          disabled={range.name === undefined}
          onToggle={() => setQuery({ live: live ? "off" : undefined })}
        />
      </header>
      {error && <Problem error={error} onRetry={reload} isBesideData={data !== undefined} />}
      {(data !== undefined || error === undefined) && <Board data={data} stale={loadedKey !== key} />}
    </>
  );
}

/** @param stale true while the data belongs to the previous range */
function Board({ data, stale }: { data: TrafficAnswer | undefined; stale: boolean }) {
  const { totals } = data ?? {};
  return (
    <div class={`board ${data === undefined ? "waiting" : stale ? "stale" : ""}`} aria-busy={stale}>
      <dl class="figures">
        <Figure
          label="Requests"
          value={totals ? shortCount(totals.requests) : MISSING}
          hint={data && rateOf(data)}
          href={logHref()}
        />
        <Figure
          label="4xx errors"
          value={totals ? percent(totals.requests === 0 ? 0 : totals.clientErrors / totals.requests) : MISSING}
          hint={totals && requestsOf(totals.clientErrors)}
          href={logHref({ status: "4xx" })}
        />
        <Figure
          label="5xx errors"
          value={totals ? percent(totals.errorRate) : MISSING}
          hint={totals && requestsOf(totals.serverErrors)}
          tone={totals && totals.serverErrors > 0 ? "bad" : ""}
          href={logHref({ status: "5xx" })}
        />
        <Figure label="Median latency" value={latencyOf(totals?.latency, "p50")} hint="p50" />
        <Figure label="p95 latency" value={latencyOf(totals?.latency, "p95")} hint="95% are faster" />
        <Figure label="p99 latency" value={latencyOf(totals?.latency, "p99")} hint="99% are faster" />
        <Figure label="Data sent" value={totals ? bytes(totals.bytes) : MISSING} hint="response bodies" />
      </dl>
      <Charts data={data} />
      <ChartTable data={data} />
      <div class="columns">
        <Routes routes={data?.routes} />
        <Callers data={data} />
        <Rejections data={data} />
      </div>
    </div>
  );
}

const NO_SERIES: TrafficAnswer["series"] = [];
function Charts({ data }: { data: TrafficAnswer | undefined }) {
  const series = data?.series ?? NO_SERIES;
  const shown = useMemo(() => {
    const valuesOf = (pick: (bucket: TrafficAnswer["series"][number]) => number | null) => series.map(pick);
    return {
      times: valuesOf(({ start }) => Date.parse(start) / 1000) as number[],
      requests: [
        {
          label: "2xx/3xx",
          colour: "--ok",
          values: valuesOf((bucket) => bucket.requests - bucket.clientErrors - bucket.serverErrors),
        },
        { label: "4xx", colour: "--warn", values: valuesOf(({ clientErrors }) => clientErrors) },
        { label: "5xx", colour: "--bad", values: valuesOf(({ serverErrors }) => serverErrors) },
      ],
      errors: [
        {
          label: "5xx",
          colour: "--bad",
          values: valuesOf(({ requests, errorRate }) => (requests === 0 ? null : errorRate)),
        },
      ],
      latency: [
        { label: "p50", colour: "--p50", values: valuesOf(({ latency }) => latency?.p50 ?? null) },
        { label: "p95", colour: "--p95", values: valuesOf(({ latency }) => latency?.p95 ?? null) },
        { label: "p99", colour: "--p99", values: valuesOf(({ latency }) => latency?.p99 ?? null) },
      ],
    };
  }, [series]);
  const total = data?.totals;
  const bucketSeconds = BUCKET_SECONDS[data?.granularity ?? "minute"];
  const zone = zoneOf(shown.times, bucketSeconds);
  const common = { times: shown.times, bucketSeconds, onRange: selectRange };
  const open = (filter?: Record<string, string>) => (from: number, to: number) =>
    navigate(logHref({ ...filter, ...bucketRange(from, to) }));
  return (
    <div class="charts">
      <Panel title="Requests" note={data && `per ${data.granularity}${zone === "UTC" ? " (UTC)" : ""}`} class="wide">
        <Chart
          {...common}
          kind="bars"
          onBucket={open()}
          label={requestsLabel(total)}
          series={shown.requests}
          format={shortCount}
          minimumTop={4}
        />
      </Panel>
      <Panel title="Latency" note="end to end">
        <Chart
          {...common}
          kind="lines"
          onBucket={open()}
          label={latencyLabel(total)}
          series={shown.latency}
          format={duration}
          minimumTop={10}
        />
      </Panel>
      <Panel title="5xx error rate" note="of all requests">
        <Chart
          {...common}
          kind="lines"
          onBucket={open({ status: "5xx" })}
          label={`5xx error rate over time: ${percent(total?.errorRate ?? 0)} total`}
          series={shown.errors}
          format={percent}
          minimumTop={0.05}
        />
      </Panel>
    </div>
  );
}

function selectRange(from: number, to: number): void {
  const instant = (seconds: number) => isoInstant(Math.round(seconds) * 1000);
  setQuery({ from: instant(from), to: instant(Math.max(to, from + 60)), range: undefined });
}

type Totals = TrafficAnswer["totals"] | undefined;

function requestsLabel(totals: Totals): string {
  const { requests = 0, clientErrors = 0, serverErrors = 0 } = totals ?? {};
  return `Requests over time: ${requests} total, ${clientErrors} with 4xx, ${serverErrors} with 5xx`;
}

function latencyLabel(totals: Totals): string {
  const values = (["p50", "p95", "p99"] as const).map((name) => `${name} ${latencyOf(totals?.latency, name)}`);
  return `Latency over time: ${values.join(", ")} total`;
}

function requestsOf(value: number): string {
  return `${count(value)} ${value === 1 ? "request" : "requests"}`;
}

function twoDigits(value: number): string {
  return value.toFixed(value < 9.95 ? 1 : 0);
}

function rateOf({ totals: { requests }, from, to }: TrafficAnswer): string {
  const rate = (requests * 1000) / (Date.parse(to) - Date.parse(from));
  return rate >= 1 ? `${rate.toFixed(1)}/s` : `${twoDigits(rate * 60)}/min`;
}
