import type { TrafficAnswer } from "../data/api";
import { count, duration, MISSING, percent } from "../data/format";
import { REJECTION_LABELS } from "../data/reason";
import { logHref } from "../data/route";
import { Panel, Time } from "../ui/parts";
import { Empty } from "../ui/states";

type Latency = TrafficAnswer["totals"]["latency"];

/** Rows of the route table that are no route. */
const ROUTE_GROUPS: Record<string, string | undefined> = { "(none)": "No matching route", "(other)": "Other routes" };

const CALLER_KINDS: Record<TrafficAnswer["callers"][number]["kind"], string> = {
  address: "IP",
  user: "User",
  client: "Machine",
  unknown: "Unknown",
};

/** The values of the charts, also for screen readers. */
export function ChartTable({ data }: { data: TrafficAnswer | undefined }) {
  const series = data?.series ?? [];
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
            {series.map(({ start, requests, clientErrors, serverErrors, errorRate, latency }) => (
              <tr key={start}>
                <th scope="row">
                  <Time at={Date.parse(start)} withDate />
                </th>
                <td class="n">{count(requests)}</td>
                <td class="n">{count(clientErrors)}</td>
                <td class="n">{count(serverErrors)}</td>
                <td class="n">{requests === 0 ? MISSING : percent(errorRate)}</td>
                <td class="n">{latencyOf(latency, "p50")}</td>
                <td class="n">{latencyOf(latency, "p95")}</td>
                <td class="n">{latencyOf(latency, "p99")}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
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
                  {ROUTE_GROUPS[route] !== undefined ? (
                    ROUTE_GROUPS[route]
                  ) : (
                    <a class="mono" href={logHref({ route })}>
                      {route}
                    </a>
                  )}
                </th>
                <td class="n">{count(requests)}</td>
                <td class={`n ${clientErrors > 0 ? "warn" : "zero"}`}>{count(clientErrors)}</td>
                <td class={`n ${serverErrors > 0 ? "bad" : "zero"}`}>{count(serverErrors)}</td>
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
              <a class="mono" href={logHref(kind === "address" ? { text: id } : { user: id })}>
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
            <span class="words">{REJECTION_LABELS[reason as keyof typeof REJECTION_LABELS]}</span>
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
