import type { TrafficAnswer } from "../data/api";
import { count, duration, percent } from "../data/format";
import { REFUSAL_WORDS } from "../data/reason";
import { logHref } from "../data/route";
import { Panel, Time } from "../ui/parts";
import { Empty } from "../ui/states";

type Latency = TrafficAnswer["totals"]["latency"];

/** What the charts show, for who reads rather than looks. */
export function Values({ data }: { data: TrafficAnswer | undefined }) {
  const series = data?.series ?? [];
  return (
    <details class="panel values">
      <summary>What the charts show, as a table</summary>
      <div class="table">
        <table>
          <thead>
            <tr>
              <th scope="col">From</th>
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
                <td class="n">{requests === 0 ? "–" : percent(errorRate)}</td>
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
    <Panel title="Routes" note="the busiest first" class="wide">
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
                  {route.startsWith("(") ? (
                    route
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
        {routes?.length === 0 && <Empty title="No request in this time" />}
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
      note={data && data.otherCallers.requests > 0 ? `${count(data.otherCallers.requests)} by others` : undefined}
    >
      <ul class="bars">
        {callers.map(({ kind, id, requests }) => (
          <li key={`${kind} ${id}`}>
            <span class="fill" style={{ width: `${(requests / most) * 100}%` }} />
            <span class="kind">{kind}</span>
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
      {data && callers.length === 0 && <Empty title="Nobody has called" />}
    </Panel>
  );
}

export function Refusals({ data }: { data: TrafficAnswer | undefined }) {
  const refusals = Object.entries(data?.refusals ?? {}).filter(([, times]) => times > 0);
  return (
    <Panel title="Refused by API Gateway" note="by reason">
      <ul class="bars">
        {refusals.map(([reason, times]) => (
          <li key={reason} title={REFUSAL_WORDS[reason as keyof typeof REFUSAL_WORDS]}>
            <span class="mono">{reason}</span>
            <span class="words">{REFUSAL_WORDS[reason as keyof typeof REFUSAL_WORDS]}</span>
            <b>{count(times)}</b>
          </li>
        ))}
      </ul>
      {data && refusals.length === 0 && <Empty title="Nothing was refused" />}
      <p class={`foot ${data && data.unparseableLines > 0 ? "bad" : ""}`}>
        {data ? (
          <>
            From <Time at={Date.parse(data.from)} withDate /> on, {count(data.unparseableLines)} lines of the access log
            could not be read
          </>
        ) : (
          "\u00a0"
        )}
      </p>
    </Panel>
  );
}

export function latencyOf(latency: Latency | null | undefined, percentile: "p50" | "p95" | "p99"): string {
  return duration(latency?.[percentile]);
}
