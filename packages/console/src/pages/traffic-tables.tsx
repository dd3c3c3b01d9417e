import { isoInstant } from "@backend/platform/epoch";

import type { TrafficAnswer } from "../data/api";
import { bucketName, zoneOf } from "../data/buckets";
import { count, duration, MISSING, percent, utc } from "../data/format";
import { REJECTION_LABELS } from "../data/reason";
import { logHref } from "../data/route";
import { Panel } from "../ui/parts";
import { Empty } from "../ui/states";

type LogFilter = Record<string, string>;
type Bucket = TrafficAnswer["series"][number];
type Latency = TrafficAnswer["totals"]["latency"];

/** Length of a bucket in seconds. */
export const BUCKET_SECONDS: Record<TrafficAnswer["granularity"], number> = { minute: 60, hour: 3600, day: 86_400 };

/** What the access log contains, and its filters accept, instead of a missing value. */
const NONE = "-";

const CALLER_KINDS: Record<TrafficAnswer["callers"][number]["kind"], string> = {
  address: "IP",
  user: "User",
  client: "Machine",
  unknown: "Unknown",
};

/** The parameters of a time range, which is given in epoch seconds. */
export function bucketRange(from: number, to: number): { from: string; to: string } {
  return { from: isoInstant(from * 1000), to: isoInstant(to * 1000) };
}

/** The values of the charts, also for screen readers. */
export function ChartTable({ data }: { data: TrafficAnswer | undefined }) {
  const series = data?.series ?? [];
  const bucketSeconds = BUCKET_SECONDS[data?.granularity ?? "minute"];
  const startOf = ({ start }: Bucket) => Date.parse(start) / 1000;
  const zone = zoneOf(series.map(startOf), bucketSeconds);
  return (
    <details class="panel values">
      <summary>View as table</summary>
      <div class="table">
        <table>
          <thead>
            <tr>
              <th scope="col">Time</th>
              <Numbers names={["Requests", "4xx", "5xx", "Error rate", "p50", "p95", "p99"]} />
            </tr>
          </thead>
          <tbody>
            {series.map((bucket) => (
              <BucketRow
                key={bucket.start}
                bucket={bucket}
                name={bucketName(startOf(bucket), bucketSeconds, zone)}
                range={bucketRange(startOf(bucket), startOf(bucket) + bucketSeconds)}
              />
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

function BucketRow({ bucket, name, range }: { bucket: Bucket; name: string; range: LogFilter }) {
  const { start, requests, clientErrors, serverErrors, errorRate, latency } = bucket;
  return (
    <tr>
      <th scope="row">
        <a href={logHref(range)}>
          <time dateTime={start} title={utc(Date.parse(start))} class="number">
            {name}
          </time>
        </a>
      </th>
      <td class="n">{count(requests)}</td>
      <Errors number={clientErrors} tone="warn" filter={{ ...range, status: "4xx" }} />
      <Errors number={serverErrors} tone="bad" filter={{ ...range, status: "5xx" }} />
      <td class="n">{requests === 0 ? MISSING : percent(errorRate)}</td>
      <td class="n">{latencyOf(latency, "p50")}</td>
      <td class="n">{latencyOf(latency, "p95")}</td>
      <td class="n">{latencyOf(latency, "p99")}</td>
    </tr>
  );
}

/** A cell with a number of errors, which links to their requests if a filter finds them. */
function Errors({ number, tone, filter }: { number: number; tone: "warn" | "bad"; filter: LogFilter | undefined }) {
  if (number === 0) return <td class="n zero">0</td>;
  return <td class={`n ${tone}`}>{filter ? <a href={logHref(filter)}>{count(number)}</a> : count(number)}</td>;
}

function Numbers({ names }: { names: string[] }) {
  return (
    <>
      {names.map((name) => (
        <th key={name} scope="col" class="n">
          {name}
        </th>
      ))}
    </>
  );
}

/** Returns the filter for a row of the route table. No filter finds the routes that share a row. */
function routeFilter(route: string, status?: string): LogFilter | undefined {
  if (route === "(other)") return undefined;
  return { route: route === "(none)" ? NONE : route, ...(status !== undefined && { status }) };
}

function RouteName({ route }: { route: string }) {
  const filter = routeFilter(route);
  if (filter === undefined) return <>Other routes</>;
  const isRoute = filter.route === route;
  return (
    <a class={isRoute ? "mono" : ""} href={logHref(filter)}>
      {isRoute ? route : "No matching route"}
    </a>
  );
}

export function Routes({ routes }: { routes: TrafficAnswer["routes"] | undefined }) {
  return (
    <Panel title="Routes" note="by requests" class="wide">
      <div class="table">
        <table>
          <thead>
            <tr>
              <th scope="col">Route</th>
              <Numbers names={["Requests", "4xx", "5xx", "p50", "p95", "p99"]} />
            </tr>
          </thead>
          <tbody>
            {routes?.map(({ route, requests, clientErrors, serverErrors, latency }) => (
              <tr key={route}>
                <th scope="row">
                  <RouteName route={route} />
                </th>
                <td class="n">{count(requests)}</td>
                <Errors number={clientErrors} tone="warn" filter={routeFilter(route, "4xx")} />
                <Errors number={serverErrors} tone="bad" filter={routeFilter(route, "5xx")} />
                <td class="n">{latencyOf(latency, "p50")}</td>
                <td class="n">{latencyOf(latency, "p95")}</td>
                <td class="n">{latencyOf(latency, "p99")}</td>
              </tr>
            ))}
          </tbody>
        </table>
        {routes?.length === 0 && <Empty title="No requests in this range" />}
      </div>
    </Panel>
  );
}

export function Callers({ data }: { data: TrafficAnswer | undefined }) {
  const callers = data?.callers.slice(0, 12) ?? [];
  const most = Math.max(1, ...callers.map(({ requests }) => requests));
  return (
    <Panel
      title="Top callers"
      note={
        data && data.otherCallers.requests > 0 ? `${count(data.otherCallers.requests)} more from others` : undefined
      }
    >
      <ul class="bars">
        {callers.map(({ kind, id, requests }) => (
          <li key={`${kind} ${id}`}>
            <span class="fill" style={{ width: `${(requests / most) * 100}%` }} />
            <span class="kind">{CALLER_KINDS[kind]}</span>
            {kind === "unknown" ? (
              <span class="mono">{id}</span>
            ) : (
              <a class="mono" href={logHref(kind === "address" ? { address: id, user: NONE } : { user: id })}>
                {id}
              </a>
            )}
            <b>{count(requests)}</b>
          </li>
        ))}
      </ul>
      {data && callers.length === 0 && <Empty title="No callers in this range" />}
    </Panel>
  );
}

export function Rejections({ data }: { data: TrafficAnswer | undefined }) {
  const rejections = Object.entries(data?.refusals ?? {}).filter(([, times]) => times > 0);
  return (
    <Panel title="Gateway rejections and errors">
      <ul class="bars">
        {rejections.map(([reason, times]) => (
          <li key={reason}>
            <a class="words" href={logHref({ rejection: reason })}>
              {REJECTION_LABELS[reason as keyof typeof REJECTION_LABELS]}
            </a>
            <b>{count(times)}</b>
          </li>
        ))}
      </ul>
      {data && rejections.length === 0 && <Empty title="No rejected requests" />}
      {data && data.unparseableLines > 0 && (
        <p class="foot bad">
          {count(data.unparseableLines)} {data.unparseableLines === 1 ? "log line" : "log lines"} couldn't be parsed
        </p>
      )}
    </Panel>
  );
}

export function latencyOf(latency: Latency | null | undefined, percentile: "p50" | "p95" | "p99"): string {
  return duration(latency?.[percentile]);
}
